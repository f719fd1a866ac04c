import { allocate, type DType, type TypedArray } from '../dtype.js';
import { type Shape, sizeOf } from '../shape.js';
import { type Tensor, tensor } from '../tensor.js';

/** What to fill a test tensor with. */
export interface RandomSpec {
  readonly shape: Shape;
  /** Default f32. */
  readonly dtype?: DType;
  /** Values are uniform in [low, high): -2 and 2 for f32, 0 and 10 for integers (whole numbers), 0 and 2 for bool. */
  readonly low?: number;
  readonly high?: number;
  /** These values instead of random ones. */
  readonly values?: readonly number[];
}

/** Numbers uniform in [0, 1) from a seed: a counter hashed twice, the same on every engine. For tests; programs use `createStream`. */
export function seededNumbers(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let hash = Math.imul(state ^ (state >>> 15), state | 1);
    hash ^= hash + Math.imul(hash ^ (hash >>> 7), hash | 61);
    return ((hash ^ (hash >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Seeded values as a typed array. */
export function randomArray(spec: RandomSpec, seed: number): TypedArray {
  const { shape, dtype = 'f32', values } = spec;
  const data = allocate(dtype, sizeOf(shape));
  if (values !== undefined) {
    data.set(values);
    return data;
  }
  const real = dtype === 'f32';
  const low = spec.low ?? (real ? -2 : 0);
  const high = spec.high ?? (real ? 2 : dtype === 'bool' ? 2 : 10);
  const next = seededNumbers(seed);
  for (let i = 0; i < data.length; i++) {
    const value = low + next() * (high - low);
    data[i] = real ? value : Math.floor(value);
  }
  return data;
}

/** A seeded host tensor. Example: `randomTensor({ shape: [63, 100] }, 1)`. */
export function randomTensor(spec: RandomSpec, seed: number): Tensor {
  return tensor(randomArray(spec, seed), { shape: spec.shape, dtype: spec.dtype ?? 'f32' });
}
