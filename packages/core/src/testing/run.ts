import type { Device } from '../backend/backend.js';
import { createCpuDevice } from '../backend/cpu/cpu-device.js';
import { allocate, type DType, type TypedArray } from '../dtype.js';
import { compile } from '../graph/compile.js';
import '../graph/evaluate.js';
import { storageBytes } from '../graph/plan.js';
import type { Shape } from '../shape.js';
import { Tensor } from '../tensor.js';

/** A function of tensors, as traced by `compile`. */
export type TensorFunction = (inputs: readonly Tensor[]) => readonly Tensor[];

export interface HostValue {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: TypedArray;
}

let reference: Promise<Device> | undefined;

/** The CPU device that runs the plain reference of every op; shared, never disposed. */
export function referenceDevice(): Promise<Device> {
  reference ??= createCpuDevice({ reference: true, threads: 1 });
  return reference;
}

/** A compiled function that can be called with many inputs of one signature. */
export interface Runner {
  run(inputs: readonly Tensor[]): Promise<HostValue[]>;
  dispose(): void;
}

export function createRunner(device: Device, fn: TensorFunction, name = 'test'): Runner {
  const compiled = compile((inputs: readonly Tensor[]) => fn(inputs), { device, name });
  return {
    run: async (inputs) => {
      const results = await compiled(inputs);
      const values: HostValue[] = [];
      for (const result of results) values.push({ shape: result.shape, dtype: result.dtype, data: await result.data() });
      for (const result of results) result.dispose();
      return values;
    },
    dispose: () => compiled.dispose(),
  };
}

/**
 * Compile `fn` on `device`, run it, read all results. It runs twice: the second time the memory of the results has been
 * filled with NaN, so that an element that no kernel writes shows.
 */
export async function runOn(device: Device, fn: TensorFunction, inputs: readonly Tensor[], name = 'test'): Promise<HostValue[]> {
  const runner = createRunner(device, fn, name);
  try {
    const first = await runner.run(inputs);
    poison(device, first);
    return await runner.run(inputs);
  } finally {
    runner.dispose();
  }
}

/** Released buffers come back from the pool, so their contents are what the next results start from. */
function poison(device: Device, values: readonly HostValue[]): void {
  const buffers = values.map((value) => {
    const bytes = storageBytes(value);
    const buffer = device.allocate(bytes);
    device.write(buffer, allocate('u32', bytes / 4).fill(0x7fc00000));
    return buffer;
  });
  for (const buffer of buffers) device.release(buffer);
}

/** A host tensor from a value read before. */
export function hostTensor({ shape, dtype, data }: HostValue): Tensor {
  return new Tensor(shape, dtype, { kind: 'host', data });
}
