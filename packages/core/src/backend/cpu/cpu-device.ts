import type { TypedArray } from '../../dtype.js';
import { DlaError, isDlaError } from '../../errors.js';
import type { Operand, Program, Step } from '../../graph/plan.js';
import type { AnyOp, Attributes, CpuCall, CpuValue, TensorSpec } from '../../op.js';
import { sizeOf } from '../../shape.js';
import type { Device, DeviceBuffer, DeviceStats, Executable } from '../backend.js';
import { createWasmRuntime, type WasmRuntime } from './wasm/runtime.js';
import { type WasmForm, wasmForms } from './wasm-forms.js';

export interface CpuDeviceOptions {
  /** Threads for the WASM kernels, the calling one included. Default: all cores, at most 8. */
  readonly threads?: number;
  /** Run the plain reference of every op: slow, for tests. Default false. */
  readonly reference?: boolean;
  /** Upper bound of the memory, at most 4 GiB (default). */
  readonly maximumBytes?: number;
}

/** An op on this device: a WASM form if there is one for this call, the op's own fast form, else its reference. */
type Kernel = (call: CpuCall<Attributes>) => void;

/**
 * The CPU device. All arrays lie in one WebAssembly memory. Same bits on every engine, operating system and number of threads.
 */
export async function createCpuDevice(options: CpuDeviceOptions = {}): Promise<Device> {
  const { reference = false, ...memory } = options;
  return new CpuDevice(await createWasmRuntime(memory), reference);
}

class CpuBuffer implements DeviceBuffer {
  readonly id: number;
  readonly bytes: number;
  readonly device: CpuDevice;
  readonly pointer: number;
  readonly #values = new Map<string, CpuValue>();
  #generation = -1;

  constructor(id: number, bytes: number, device: CpuDevice, pointer: number) {
    this.id = id;
    this.bytes = bytes;
    this.device = device;
    this.pointer = pointer;
  }

  /** This memory seen as a value; views are made once and again only after the memory has moved. */
  value(spec: TensorSpec, runtime: WasmRuntime): CpuValue {
    if (this.#generation !== runtime.generation) {
      this.#values.clear();
      this.#generation = runtime.generation;
    }
    const key = `${spec.dtype}:${spec.shape.join(',')}`;
    let value = this.#values.get(key);
    if (value === undefined) {
      value = { shape: spec.shape, dtype: spec.dtype, pointer: this.pointer, data: runtime.view(spec.dtype, this.pointer, sizeOf(spec.shape)) };
      this.#values.set(key, value);
    }
    return value;
  }
}

class CpuDevice implements Device {
  readonly kind = 'cpu';
  readonly runtime: WasmRuntime;
  readonly reference: boolean;
  readonly #pool = new Map<number, CpuBuffer[]>();
  #nextId = 1;
  #created = 0;
  #live = 0;
  #held = 0;
  #peak = 0;
  launches = 0;

  constructor(runtime: WasmRuntime, reference: boolean) {
    this.runtime = runtime;
    this.reference = reference;
  }

  get description(): string {
    return this.reference ? 'CPU (reference)' : `CPU (WASM SIMD, ${this.runtime.threads} thread${this.runtime.threads === 1 ? '' : 's'})`;
  }

  allocate(bytes: number): CpuBuffer {
    const size = sizeClass(bytes);
    const pooled = this.#pool.get(size)?.pop();
    const buffer = pooled ?? new CpuBuffer(this.#nextId++, size, this, this.#reserve(size));
    if (pooled === undefined) {
      this.#created++;
      this.#held += size;
    }
    this.#live += size;
    this.#peak = Math.max(this.#peak, this.#live);
    return buffer;
  }

  /** Memory of the runtime; where it has no more, that of pooled buffers of other sizes is given up first. */
  #reserve(size: number): number {
    try {
      return this.runtime.allocate(size);
    } catch (error) {
      if (!isDlaError(error) || error.code !== 'out-of-memory' || this.#held === this.#live) throw error;
      for (const { pointer } of [...this.#pool.values()].flat()) this.runtime.free(pointer);
      this.#pool.clear();
      this.#held = this.#live;
      return this.runtime.allocate(size);
    }
  }

  /** All or nothing. */
  allocateAll(sizes: readonly number[]): CpuBuffer[] {
    const buffers: CpuBuffer[] = [];
    try {
      for (const bytes of sizes) buffers.push(this.allocate(bytes));
    } catch (error) {
      for (const buffer of buffers) this.release(buffer);
      throw error;
    }
    return buffers;
  }

  release(buffer: DeviceBuffer): void {
    const own = this.own(buffer);
    this.#live -= own.bytes;
    const pool = this.#pool.get(own.bytes);
    if (pool === undefined) this.#pool.set(own.bytes, [own]);
    else pool.push(own);
  }

  own(buffer: DeviceBuffer): CpuBuffer {
    if (!(buffer instanceof CpuBuffer) || buffer.device !== this)
      throw new DlaError('argument', 'a buffer of another device', { where: this.description });
    return buffer;
  }

  write(buffer: DeviceBuffer, data: TypedArray): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(this.runtime.memory.buffer, this.own(buffer).pointer, bytes.length).set(bytes);
  }

  async read(buffer: DeviceBuffer, spec: TensorSpec): Promise<TypedArray> {
    // slice() of a shared view would be shared: copy into an array of its own.
    const view = this.own(buffer).value(spec, this.runtime).data;
    return Reflect.construct(view.constructor, [view]) as TypedArray;
  }

  async prepare(program: Program): Promise<Executable> {
    return new CpuExecutable(this, program);
  }

  async synchronize(): Promise<void> {}

  stats(): DeviceStats {
    return {
      liveBytes: this.#live,
      heldBytes: this.#held,
      peakBytes: this.#peak,
      createdBuffers: this.#created,
      createdPipelines: 0,
      createdBindGroups: 0,
      launches: this.launches,
    };
  }

  dispose(): void {
    this.runtime.dispose();
  }
}

/** Powers of two up to 4 KiB, then steps of an eighth: few distinct sizes, at most an eighth wasted. */
function sizeClass(bytes: number): number {
  let power = 64;
  while (power < bytes) power *= 2;
  if (power <= 4096) return power;
  const step = power / 16;
  return Math.ceil(bytes / step) * step;
}

/** A place in the argument lists of a step, and the operand that belongs there. */
interface Slot {
  readonly values: CpuValue[];
  readonly index: number;
  readonly operand: Operand;
}

/** The arguments of every step are made once; a run puts in only the values that lie in its own inputs and outputs. */
class CpuExecutable implements Executable {
  readonly forms: readonly { readonly op: string; readonly form: string }[];
  readonly #device: CpuDevice;
  readonly #program: Program;
  readonly #scratch: readonly CpuBuffer[];
  readonly #kernels: readonly Kernel[];
  readonly #calls: readonly CpuCall<Attributes>[];
  readonly #fixed: readonly Slot[];
  readonly #changing: readonly Slot[];
  #generation = -1;
  #disposed = false;

  constructor(device: CpuDevice, program: Program) {
    this.#device = device;
    this.#program = program;
    const chosen = program.steps.map((step) => chooseKernel(device, step));
    this.forms = program.steps.map((step, index) => ({ op: step.op.name, form: (chosen[index] as { form: string }).form }));
    this.#kernels = chosen.map(({ kernel }) => kernel);
    this.#scratch = device.allocateAll(program.scratch);
    const slots: Slot[] = [];
    const argumentsOf = (operands: readonly Operand[]): CpuValue[] => {
      const values: CpuValue[] = [];
      operands.forEach((operand, index) => {
        slots.push({ values, index, operand });
      });
      return values;
    };
    this.#calls = program.steps.map(({ inputs, outputs, attributes }) => ({
      inputs: argumentsOf(inputs),
      outputs: argumentsOf(outputs),
      attributes,
    }));
    this.#fixed = slots.filter(({ operand }) => operand.place.kind === 'scratch');
    this.#changing = slots.filter(({ operand }) => operand.place.kind !== 'scratch');
  }

  run(inputs: readonly DeviceBuffer[]): DeviceBuffer[] {
    const program = this.#program;
    if (this.#disposed) throw new DlaError('disposed', 'the compiled function was disposed', { where: program.name });
    const bound = inputs.map((buffer) => this.#device.own(buffer));
    let fresh: readonly CpuBuffer[] = [];
    let results: readonly CpuBuffer[] = [];
    try {
      fresh = this.#device.allocateAll(program.fresh);
      results = this.#compute(bound, fresh);
    } catch (error) {
      for (const buffer of fresh) this.#device.release(buffer);
      throw error;
    } finally {
      // Donated inputs are consumed whatever happens.
      const kept = new Set(results);
      bound.forEach((buffer, index) => {
        if (program.donated[index] === true && !kept.has(buffer)) this.#device.release(buffer);
      });
    }
    return [...results];
  }

  #compute(bound: readonly CpuBuffer[], fresh: readonly CpuBuffer[]): CpuBuffer[] {
    const { runtime } = this.#device;
    const bufferOf = ({ place }: Operand): CpuBuffer => {
      const group = place.kind === 'input' ? bound : place.kind === 'scratch' ? this.#scratch : fresh;
      return group[place.index] as CpuBuffer;
    };
    const fill = (slots: readonly Slot[]): void => {
      for (const { values, index, operand } of slots) values[index] = bufferOf(operand).value(operand, runtime);
    };
    fill(this.#changing);
    this.#kernels.forEach((kernel, index) => {
      // Growth of a memory that is not shared detaches every view.
      if (runtime.generation !== this.#generation) {
        fill(this.#fixed);
        fill(this.#changing);
        this.#generation = runtime.generation;
      }
      kernel(this.#calls[index] as CpuCall<Attributes>);
    });
    this.#device.launches += this.#program.steps.length;
    return this.#program.results.map(bufferOf);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const buffer of this.#scratch) this.#device.release(buffer);
  }
}

function chooseKernel(device: CpuDevice, step: Step): { form: string; kernel: Kernel } {
  const { op }: { op: AnyOp } = step;
  if (device.reference) return { form: 'reference', kernel: op.reference };
  const form = wasmForms[op.name] ?? (op.forms?.cpu as WasmForm | undefined);
  const wasm = form?.(device.runtime, step);
  if (wasm !== undefined && wasm !== null) return { form: 'wasm', kernel: wasm };
  return op.fast === undefined ? { form: 'reference', kernel: op.reference } : { form: 'fast', kernel: op.fast };
}
