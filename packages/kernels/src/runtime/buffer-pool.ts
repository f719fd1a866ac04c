import { type Device, type DeviceBuffer, DlaError } from '@dla/core';
import { bufferUsage } from '../device/constants.js';
import type { Faults } from './faults.js';

/** Bytes of NaN pattern kept behind every buffer in debug mode. */
export const guardBytes = 256;
/** What debug mode fills a buffer with: a signalling NaN (arithmetic changes its bits), another one for each buffer (copying it shows). */
export function poisonOf({ id }: DeviceBuffer): number {
  return 0x7fa00000 | (id & 0xfffff);
}

export interface GpuMemory extends DeviceBuffer {
  readonly gpu: GPUBuffer;
  /** Bytes asked for at the last allocation; in debug mode the guard band starts here. */
  asked: number;
}

export interface PoolOptions {
  readonly gpu: GPUDevice;
  readonly device: Device;
  readonly faults: Faults;
  readonly maxBytes: number;
  readonly debug: boolean;
}

/** Storage buffers by size class; released ones are used again, so a steady step creates none. */
export class BufferPool {
  readonly #options: PoolOptions;
  readonly #free = new Map<number, GpuMemory[]>();
  readonly #used = new Set<GpuMemory>();
  readonly #broken = new Set<GpuMemory>();
  #nextId = 1;
  created = 0;
  live = 0;
  held = 0;
  peak = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get used(): ReadonlySet<GpuMemory> {
    return this.#used;
  }

  /** @throws DlaError `device-limit` above maxBufferSize, `out-of-memory` where the device or `maxBytes` gives no more. */
  allocate(bytes: number): GpuMemory {
    const { gpu, debug, faults, maxBytes } = this.#options;
    faults.check();
    const limit = gpu.limits.maxBufferSize;
    const wanted = Math.ceil((bytes + (debug ? guardBytes : 0)) / 4) * 4;
    if (wanted > limit)
      throw new DlaError('device-limit', 'a buffer would be larger than maxBufferSize', {
        where: faults.where,
        expected: `at most ${limit} bytes`,
        found: `${bytes} bytes`,
      });
    const size = Math.min(sizeClass(wanted), Math.floor(limit / 4) * 4);
    const memory = this.#free.get(size)?.pop() ?? this.#create(size, bytes, maxBytes);
    memory.asked = bytes;
    this.#used.add(memory);
    this.live += size;
    this.peak = Math.max(this.peak, this.live);
    if (debug) this.poison(memory);
    return memory;
  }

  release(memory: GpuMemory): void {
    if (!this.#used.delete(memory)) throw new DlaError('argument', 'a buffer was released twice', { where: this.#options.faults.where });
    this.live -= memory.bytes;
    if (this.#broken.delete(memory)) {
      this.held -= memory.bytes;
      memory.gpu.destroy();
      return;
    }
    const free = this.#free.get(memory.bytes);
    if (free === undefined) this.#free.set(memory.bytes, [memory]);
    else free.push(memory);
  }

  /** Give pooled buffers back to the driver. */
  trim(): void {
    for (const [size, buffers] of this.#free) {
      for (const memory of buffers) memory.gpu.destroy();
      this.held -= size * buffers.length;
    }
    this.#free.clear();
  }

  poison(memory: GpuMemory): void {
    this.#options.gpu.queue.writeBuffer(memory.gpu, 0, new Uint32Array(memory.bytes / 4).fill(poisonOf(memory)));
  }

  #create(size: number, bytes: number, maxBytes: number): GpuMemory {
    if (this.held + size > maxBytes) this.trim();
    if (this.held + size > maxBytes) throw this.#outOfMemory(bytes, `the bound of ${maxBytes} bytes set by maxBytes`);
    try {
      return this.#request(size, bytes);
    } catch (error) {
      if (!(error instanceof DlaError) || error.code !== 'out-of-memory' || this.#free.size === 0) throw error;
      this.trim();
      return this.#request(size, bytes);
    }
  }

  #request(size: number, bytes: number): GpuMemory {
    const { gpu, device, faults } = this.#options;
    const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination;
    let memory: GpuMemory | undefined;
    const buffer = faults.watch(
      () => gpu.createBuffer({ size, usage }),
      (problem) => this.#outOfMemory(bytes, problem),
      () => {
        if (memory !== undefined) this.#discard(memory);
      },
    );
    memory = { id: this.#nextId++, bytes: size, device, gpu: buffer, asked: bytes };
    this.created++;
    this.held += size;
    return memory;
  }

  /** A buffer turned out broken: it goes now where it lies in the pool, else at its release. */
  #discard(memory: GpuMemory): void {
    const free = this.#free.get(memory.bytes);
    const position = free?.indexOf(memory) ?? -1;
    if (this.#used.has(memory)) this.#broken.add(memory);
    if (position < 0) return;
    free?.splice(position, 1);
    this.held -= memory.bytes;
    memory.gpu.destroy();
  }

  #outOfMemory(bytes: number, problem: string): DlaError {
    return new DlaError('out-of-memory', `no memory for ${bytes} bytes (${this.live} bytes in use, ${this.held} held): ${problem}`, {
      where: this.#options.faults.where,
    });
  }
}

/** Powers of two up to 4 KiB, then steps of an eighth: few distinct sizes, at most an eighth wasted. */
export function sizeClass(bytes: number): number {
  let power = 64;
  while (power < bytes) power *= 2;
  if (power <= 4096) return power;
  const step = power / 16;
  return Math.ceil(bytes / step) * step;
}
