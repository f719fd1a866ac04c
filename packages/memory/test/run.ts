import { type AnyOp, type Attributes, allocate, type CpuValue, type DType, type Shape, sizeOf, type TypedArray } from '@dla/core';

/** An array on the host with its shape. */
export interface HostValue {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: TypedArray;
}

/** Run an op's reference (or fast form) on host arrays, outside any device. Fresh outputs start as NaN bits; in-place ones as a copy of their input. */
export function runOp(
  op: { readonly definition: AnyOp },
  inputs: readonly HostValue[],
  attributes: Attributes,
  form: 'reference' | 'fast' = 'reference',
): HostValue[] {
  const { definition } = op;
  const values: CpuValue[] = inputs.map(({ shape, dtype, data }) => ({ shape, dtype, data, pointer: 0 }));
  const outputs = definition.infer(values, attributes).map(({ shape, dtype }, index): CpuValue => {
    const source = definition.inPlace?.[index] ?? null;
    const data = allocate(dtype, sizeOf(shape));
    if (source === null) new Uint8Array(data.buffer).fill(0xff);
    else data.set((values[source] as CpuValue).data);
    const value = { shape, dtype, data, pointer: 0 };
    if (source !== null) values[source] = value;
    return value;
  });
  const kernel = form === 'fast' ? definition.fast : definition.reference;
  if (kernel === undefined) throw new Error(`${definition.name} has no ${form} form`);
  kernel({ inputs: values, outputs, attributes });
  return outputs;
}

export function f32Value(shape: Shape, data: ArrayLike<number>): HostValue {
  return { shape, dtype: 'f32', data: Float32Array.from(data) };
}

export function zerosOf({ shape, dtype }: { readonly shape: Shape; readonly dtype: DType }): HostValue {
  return { shape, dtype, data: allocate(dtype, sizeOf(shape)) };
}

/** Worst |found - expected| relative to the largest |expected|; infinite where something is not a number. */
export function worstError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) throw new Error(`lengths differ: ${found.length} and ${expected.length}`);
  let scale = 1e-6;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i] as number));
  let worst = 0;
  for (let i = 0; i < found.length; i++) {
    const error = Math.abs((found[i] as number) - (expected[i] as number));
    worst = Number.isNaN(error) ? Infinity : Math.max(worst, error);
  }
  return worst / scale;
}
