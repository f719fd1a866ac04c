import { DlaError } from '../../errors.js';
import { type DefinedOp, defineOp } from '../../op.js';
import { formatShape, resolveAxis, sameShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { inputAt } from '../check.js';
import { sliceReference } from './cpu.js';
import { sliceGradient } from './grad.js';

/** For every axis the first index, and the one past the last. */
export type SliceAttributes = { readonly start: readonly number[]; readonly end: readonly number[] };

/** y = x[start[0] : end[0], start[1] : end[1], ..]. Any dtype. Throws `argument` for ranges outside x. */
export const sliceOp: DefinedOp<SliceAttributes> = defineOp<SliceAttributes>({
  name: 'slice',
  infer: (inputs, { start, end }) => {
    const x = inputAt('slice', inputs, 0);
    const rank = x.shape.length;
    const inside = (first: number, axis: number): boolean => {
      const last = end[axis] as number;
      return Number.isInteger(first) && Number.isInteger(last) && first >= 0 && first <= last && last <= (x.shape[axis] as number);
    };
    if (start.length !== rank || end.length !== rank || !start.every(inside))
      throw new DlaError('argument', 'range outside the tensor', {
        where: 'slice',
        expected: `0 <= start <= end <= ${formatShape(x.shape)}`,
        found: `start ${formatShape(start)}, end ${formatShape(end)}`,
      });
    return [{ shape: start.map((first, axis) => (end[axis] as number) - first), dtype: x.dtype }];
  },
  reference: sliceReference,
  gradient: sliceGradient,
});

/** The part of x with start[axis] <= index < end[axis] on every axis; a copy. Throws `argument`. */
export function slice(x: Tensor, start: readonly number[], end: readonly number[]): Tensor {
  const whole = start.every((first) => first === 0) && sameShape(end, x.shape);
  return whole ? x : (sliceOp([x], { start: [...start], end: [...end] })[0] as Tensor);
}

/** `slice` along one axis, all of the others. */
export function sliceAxis(x: Tensor, axis: number, start: number, end: number): Tensor {
  const at = resolveAxis('sliceAxis', axis, x.shape.length);
  return slice(
    x,
    x.shape.map((_, index) => (index === at ? start : 0)),
    x.shape.map((dimension, index) => (index === at ? end : dimension)),
  );
}
