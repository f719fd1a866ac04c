import { DlaError } from '../../errors.js';
import { type DefinedOp, defineOp } from '../../op.js';
import { formatShape, resolveAxis, type Shape, sizeOf } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { mul } from '../binary/op.js';
import { expectDtype, inputAt } from '../check.js';
import { reshape } from '../reshape/op.js';
import { reduceFast, reduceReference } from './cpu.js';
import { reduceGradient } from './grad.js';

export type ReduceKind = 'sum' | 'max' | 'min';
/** `axes` are non-negative and ascending; with `keepDims` they stay as dimensions of 1. */
export type ReduceAttributes = { readonly kind: ReduceKind; readonly axes: readonly number[]; readonly keepDims: boolean };

/** The sum, largest or smallest element along `axes`; f32, i32 (wraps) or u32 (wraps). Throws `shape` for a max or min of nothing. */
export const reduceOp: DefinedOp<ReduceAttributes> = defineOp<ReduceAttributes>({
  name: 'reduce',
  infer: (inputs, { kind, axes, keepDims }) => {
    const x = inputAt(kind, inputs, 0);
    expectDtype(kind, 'x', x, 'f32', 'i32', 'u32');
    axes.forEach((axis, index) => {
      if (resolveAxis(kind, axis, x.shape.length) !== axis || (index > 0 && axis <= (axes[index - 1] as number)))
        throw new DlaError('argument', 'axes must be non-negative and ascending', { where: kind, found: formatShape(axes) });
    });
    if (kind !== 'sum' && sizeOf(axes.map((axis) => x.shape[axis] as number)) === 0)
      throw new DlaError('shape', 'no elements to choose from', { where: kind, found: formatShape(x.shape) });
    const shape = x.shape.flatMap((dimension, axis) => (!axes.includes(axis) ? [dimension] : keepDims ? [1] : []));
    return [{ shape, dtype: x.dtype }];
  },
  reference: reduceReference,
  fast: reduceFast,
  gradient: reduceGradient,
});

export interface ReduceOptions {
  /** Default: all axes. Negative ones count from the end. */
  readonly axes?: number | readonly number[];
  /** Keep reduced axes as dimensions of 1. Default false. */
  readonly keepDims?: boolean;
}

function reducedAxes(kind: string, x: Tensor, axes: number | readonly number[] | undefined): number[] {
  const rank = x.shape.length;
  if (axes === undefined) return x.shape.map((_, axis) => axis);
  const list = typeof axes === 'number' ? [axes] : axes;
  return [...new Set(list.map((axis) => resolveAxis(kind, axis, rank)))].sort((a, b) => a - b);
}

function reduce(kind: ReduceKind, x: Tensor, { axes, keepDims = false }: ReduceOptions): Tensor {
  const resolved = reducedAxes(kind, x, axes);
  if (resolved.length === 0) return x;
  return reduceOp([x], { kind, axes: resolved, keepDims })[0] as Tensor;
}

/** Sum along `axes` (default all): f32 in float64 on the CPU, i32, u32. Example: `sum(x, { axes: -1, keepDims: true })`. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('sum', x, options);
}

/** Largest element along `axes` (default all); the gradient is shared equally by equal elements. */
export function max(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('max', x, options);
}

/** Smallest element along `axes` (default all); the gradient is shared equally by equal elements. */
export function min(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('min', x, options);
}

/** Mean along `axes` (default all), f32. Throws `shape` where there is nothing to average. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  expectDtype('mean', 'x', x, 'f32');
  const count = sizeOf(reducedAxes('mean', x, options.axes).map((axis) => x.shape[axis] as number));
  if (count === 0) throw new DlaError('shape', 'nothing to average', { where: 'mean', found: formatShape(x.shape) });
  return mul(sum(x, options), 1 / count);
}

/** Sum over the axes that broadcasting from `shape` to x's shape has repeated: the gradient of broadcasting. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  const extra = x.shape.length - shape.length;
  if (extra < 0)
    throw new DlaError('shape', 'has fewer dimensions than the target', {
      where: 'sumTo',
      expected: formatShape(shape),
      found: formatShape(x.shape),
    });
  const axes = x.shape.flatMap((dimension, axis) => (axis < extra || (shape[axis - extra] === 1 && dimension !== 1) ? [axis] : []));
  return reshape(sum(x, { axes }), shape);
}
