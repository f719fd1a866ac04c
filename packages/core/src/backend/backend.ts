import type { TypedArray } from '../dtype.js';
import type { Program } from '../graph/plan.js';
import type { TensorSpec } from '../op.js';

/** A piece of device memory. Its `id` never repeats on one device: bind groups are cached by it. */
export interface DeviceBuffer {
  readonly id: number;
  readonly bytes: number;
  readonly device: Device;
}

/** Counters every device keeps; a steady step must not change the `created*` ones. */
export interface DeviceStats {
  /** Bytes in buffers that are in use. */
  readonly liveBytes: number;
  /** Bytes in use and in the pool of released buffers. */
  readonly heldBytes: number;
  readonly peakBytes: number;
  readonly createdBuffers: number;
  readonly createdPipelines: number;
  readonly createdBindGroups: number;
  readonly launches: number;
}

/** A program made ready for one device: pipelines, scratch memory, bind groups. */
export interface Executable {
  /** Which form of each op runs (`wasm`, `fast`, `reference`, or the WGSL form). */
  readonly forms: readonly { readonly op: string; readonly form: string }[];
  /**
   * Run the program. `inputs` are borrowed, except the donated ones of the program, which are consumed: each is either
   * returned as an output or released. Outputs belong to the caller.
   */
  run(inputs: readonly DeviceBuffer[]): DeviceBuffer[];
  dispose(): void;
}

/** What a backend offers. Work is queued in order; `read` and `synchronize` wait for it and report device faults. */
export interface Device {
  readonly kind: 'cpu' | 'webgpu';
  readonly description: string;
  /** Memory from the pool, contents undefined. */
  allocate(bytes: number): DeviceBuffer;
  release(buffer: DeviceBuffer): void;
  write(buffer: DeviceBuffer, data: TypedArray): void;
  read(buffer: DeviceBuffer, spec: TensorSpec): Promise<TypedArray>;
  prepare(program: Program): Promise<Executable>;
  synchronize(): Promise<void>;
  stats(): DeviceStats;
  dispose(): void;
}
