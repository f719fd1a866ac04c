import type { DType } from '../dtype.js';
import { DlaError } from '../errors.js';
import type { TensorSpec } from '../op.js';
import { formatShape, type Shape, sameShape } from '../shape.js';

/** Input `index` of an op, or an `argument` error that names the op. */
export function inputAt(where: string, inputs: readonly TensorSpec[], index: number): TensorSpec {
  const input = inputs[index];
  if (input === undefined)
    throw new DlaError('argument', 'an input is missing', { where, expected: `at least ${index + 1} inputs`, found: String(inputs.length) });
  return input;
}

/** Throw a `dtype` error unless `spec` has one of the dtypes. */
export function expectDtype(where: string, what: string, spec: TensorSpec, ...allowed: readonly DType[]): void {
  if (!allowed.includes(spec.dtype))
    throw new DlaError('dtype', `wrong dtype of ${what}`, { where, expected: allowed.join(' or '), found: spec.dtype });
}

/** Throw a `dtype` error unless the two dtypes agree. */
export function expectSameDtype(where: string, a: TensorSpec, b: TensorSpec): void {
  if (a.dtype !== b.dtype) throw new DlaError('dtype', 'dtypes differ: cast one of them', { where, expected: a.dtype, found: b.dtype });
}

/** Throw a `shape` error unless `spec` has exactly this shape. */
export function expectShape(where: string, what: string, spec: TensorSpec, shape: Shape): void {
  if (!sameShape(spec.shape, shape))
    throw new DlaError('shape', `wrong shape of ${what}`, { where, expected: formatShape(shape), found: formatShape(spec.shape) });
}

/** Throw a `shape` error unless `spec` has the rank. */
export function expectRank(where: string, what: string, spec: TensorSpec, rank: number): void {
  if (spec.shape.length !== rank)
    throw new DlaError('shape', `wrong rank of ${what}`, { where, expected: `${rank} dimensions`, found: formatShape(spec.shape) });
}

/** The last dimension; a `shape` error for a scalar. */
export function lastDimension(where: string, what: string, spec: TensorSpec): number {
  const last = spec.shape.at(-1);
  if (last === undefined) throw new DlaError('shape', `${what} must have at least one dimension`, { where, found: formatShape(spec.shape) });
  return last;
}
