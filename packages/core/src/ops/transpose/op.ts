import { DlaError } from '../../errors.js';
import { type DefinedOp, defineOp } from '../../op.js';
import { formatShape, resolveAxis } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { inputAt } from '../check.js';
import { transposeFast, transposeReference } from './cpu.js';
import { transposeGradient } from './grad.js';

export type TransposeAttributes = { readonly permutation: readonly number[] };

/** Axis i of the result is axis permutation[i] of x. Any dtype. Throws `argument` unless it is a permutation of the axes. */
export const transposeOp: DefinedOp<TransposeAttributes> = defineOp<TransposeAttributes>({
  name: 'transpose',
  infer: (inputs, { permutation }) => {
    const x = inputAt('transpose', inputs, 0);
    const sorted = [...permutation].sort((a, b) => a - b);
    if (permutation.length !== x.shape.length || sorted.some((axis, index) => axis !== index))
      throw new DlaError('argument', 'not a permutation of the axes', {
        where: 'transpose',
        expected: `each of 0..${x.shape.length - 1} once`,
        found: formatShape(permutation),
      });
    return [{ shape: permutation.map((axis) => x.shape[axis] as number), dtype: x.dtype }];
  },
  reference: transposeReference,
  fast: transposeFast,
  gradient: transposeGradient,
});

/** x with its axes permuted: axis i of the result is axis `permutation[i]` of x (negative counts from the end). By default the axes are reversed. */
export function transpose(x: Tensor, permutation?: readonly number[]): Tensor {
  const rank = x.shape.length;
  const resolved = permutation?.map((axis) => resolveAxis('transpose', axis, rank)) ?? x.shape.map((_, axis) => rank - 1 - axis);
  return resolved.length === rank && resolved.every((axis, index) => axis === index) ? x : (transposeOp([x], { permutation: resolved })[0] as Tensor);
}

/** Exchange two axes. */
export function swapAxes(x: Tensor, first: number, second: number): Tensor {
  const permutation = x.shape.map((_, axis) => axis);
  const [a, b] = [resolveAxis('swapAxes', first, x.shape.length), resolveAxis('swapAxes', second, x.shape.length)];
  permutation[a] = b;
  permutation[b] = a;
  return transpose(x, permutation);
}
