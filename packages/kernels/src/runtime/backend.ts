import {
  type Device,
  type DeviceBuffer,
  type DeviceStats,
  DlaError,
  type Executable,
  type Program,
  storageBytes,
  type TensorSpec,
  type TypedArray,
} from '@dla/core';
import type { AdapterDescription } from '../device/adapters.js';
import { BufferPool, type GpuMemory } from './buffer-pool.js';
import { GpuExecutable, type Runtime } from './executable.js';
import { Faults } from './faults.js';
import type { GpuCapabilities } from './kernel.js';
import { PipelineCache } from './pipeline-cache.js';
import { Readback } from './readback.js';
import { LaunchTimer, type LaunchTiming } from './timing.js';

/** Core's device interface on WebGPU, and what is special about it. */
export interface WebGpuDevice extends Device {
  readonly kind: 'webgpu';
  readonly capabilities: GpuCapabilities;
  readonly adapter: AdapterDescription;
  /** Features that the driver's self-test switched off, a line each. */
  readonly notices: readonly string[];
  /** The underlying device; its limits are the ones asked for. */
  readonly gpu: GPUDevice;
  /** True once the device is lost: every further call throws `device-lost`. */
  readonly lost: boolean;
  /**
   * GPU time of every launch that `work` queues, in order. Each launch gets a pass of its own: slower than a normal run.
   *
   * @throws DlaError `device-feature` without timestamps.
   */
  profile<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly launches: readonly LaunchTiming[] }>;
}

export interface BackendParts {
  readonly gpu: GPUDevice;
  readonly adapter: GPUAdapter;
  readonly description: AdapterDescription;
  readonly capabilities: GpuCapabilities;
  readonly notices: readonly string[];
  readonly maxBytes: number;
  readonly debug: boolean;
}

/** Internal: `createWebGpuDevice` asks for the parts and calls this. */
export function createBackend(parts: BackendParts): WebGpuDevice {
  return new Backend(parts);
}

class Backend implements WebGpuDevice, Runtime {
  readonly kind = 'webgpu';
  readonly capabilities: GpuCapabilities;
  readonly adapter: AdapterDescription;
  readonly notices: readonly string[];
  readonly gpu: GPUDevice;
  readonly debug: boolean;
  readonly faults: Faults;
  readonly pool: BufferPool;
  readonly pipelines: PipelineCache;
  timer: LaunchTimer | null = null;
  createdBuffers = 0;
  createdBindGroups = 0;
  launches = 0;
  readonly #readback: Readback;
  // Dawn frees what nobody references, and the device with it.
  readonly #keepAlive: GPUAdapter;
  #disposed = false;

  constructor({ gpu, adapter, description, capabilities, notices, maxBytes, debug }: BackendParts) {
    this.gpu = gpu;
    this.adapter = description;
    this.capabilities = capabilities;
    this.notices = notices;
    this.debug = debug;
    this.#keepAlive = adapter;
    this.faults = new Faults(gpu, `WebGPU (${description.name})`);
    this.pool = new BufferPool({ gpu, device: this, faults: this.faults, maxBytes, debug });
    this.pipelines = new PipelineCache(gpu, this.faults);
    this.#readback = new Readback(gpu, this.faults);
  }

  get description(): string {
    return this.faults.where;
  }

  get lost(): boolean {
    return this.faults.lost;
  }

  allocate(bytes: number): GpuMemory {
    return this.pool.allocate(bytes);
  }

  /** Releasing after the device was disposed is harmless: everything is gone already. */
  release(buffer: DeviceBuffer): void {
    if (!this.#disposed) this.pool.release(this.own(buffer));
  }

  own(buffer: DeviceBuffer): GpuMemory {
    if (buffer.device !== this) throw new DlaError('argument', 'a buffer of another device', { where: this.description });
    return buffer as GpuMemory;
  }

  write(buffer: DeviceBuffer, data: TypedArray): void {
    this.faults.check();
    const { gpu } = this.own(buffer);
    const whole = data.byteLength - (data.byteLength % 4);
    this.gpu.queue.writeBuffer(gpu, 0, data.buffer as ArrayBuffer, data.byteOffset, whole);
    // An odd number of 16-bit values: the queue writes words.
    if (whole < data.byteLength) this.gpu.queue.writeBuffer(gpu, whole, new Uint16Array([data[data.length - 1] as number, 0]));
  }

  async read(buffer: DeviceBuffer, spec: TensorSpec): Promise<TypedArray> {
    if (this.debug) await this.#readback.checkGuards([...this.pool.used]);
    const bytes = await this.#readback.read([{ buffer: this.own(buffer).gpu, offset: 0, bytes: storageBytes(spec) }]);
    const size = spec.shape.reduce((product, dimension) => product * dimension, 1);
    if (spec.dtype === 'f32') return new Float32Array(bytes, 0, size);
    if (spec.dtype === 'i32') return new Int32Array(bytes, 0, size);
    return spec.dtype === 'f16' ? new Uint16Array(bytes, 0, size) : new Uint32Array(bytes, 0, size);
  }

  async prepare(program: Program): Promise<Executable> {
    this.faults.check();
    const executable = await GpuExecutable.prepare(this, program);
    try {
      await this.faults.settle();
    } catch (error) {
      executable.dispose();
      throw error;
    }
    return executable;
  }

  /** Waits by reading a word back: `onSubmittedWorkDone` also resolves after a loss. */
  async synchronize(): Promise<void> {
    this.faults.check();
    const [any] = this.pool.used;
    const memory = any ?? this.pool.allocate(4);
    try {
      if (this.debug && any !== undefined) await this.#readback.checkGuards([...this.pool.used]);
      await this.#readback.read([{ buffer: memory.gpu, offset: 0, bytes: 4 }]);
    } finally {
      if (any === undefined) this.pool.release(memory);
    }
  }

  async profile<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly launches: readonly LaunchTiming[] }> {
    if (!this.capabilities.features.timestamps)
      throw new DlaError('device-feature', 'profiling needs the feature timestamp-query', { where: this.description });
    if (this.timer !== null) throw new DlaError('argument', 'a profile is being taken already', { where: this.description });
    const timer = new LaunchTimer(this.gpu);
    this.timer = timer;
    try {
      const result = await work();
      this.timer = null;
      return { result, launches: await timer.finish(this.#readback) };
    } finally {
      this.timer = null;
    }
  }

  stats(): DeviceStats {
    return {
      liveBytes: this.pool.live,
      heldBytes: this.pool.held + this.#readback.held,
      peakBytes: this.pool.peak,
      createdBuffers: this.pool.created + this.#readback.created + this.createdBuffers,
      createdPipelines: this.pipelines.created,
      createdBindGroups: this.createdBindGroups,
      launches: this.launches,
    };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.faults.dispose();
    this.gpu.destroy();
    void this.#keepAlive;
  }
}
