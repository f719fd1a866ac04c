import { DlaError } from '../../errors.js';
import { type DefinedOp, defineOp } from '../../op.js';
import { formatShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { inputAt } from '../check.js';
import { padReference } from './cpu.js';
import { padGradient } from './grad.js';

/** For every axis the elements put before and after, and their value. */
export type PadAttributes = { readonly before: readonly number[]; readonly after: readonly number[]; readonly value: number };

/** x with elements of one value put round it. Any dtype but f16. Throws `argument` for negative or missing widths. */
export const padOp: DefinedOp<PadAttributes> = defineOp<PadAttributes>({
  name: 'pad',
  infer: (inputs, { before, after }) => {
    const x = inputAt('pad', inputs, 0);
    const rank = x.shape.length;
    if (before.length !== rank || after.length !== rank || [...before, ...after].some((width) => !Number.isInteger(width) || width < 0))
      throw new DlaError('argument', 'bad widths', {
        where: 'pad',
        expected: `${rank} non-negative integers each`,
        found: `before ${formatShape(before)}, after ${formatShape(after)}`,
      });
    if (x.dtype === 'f16') throw new DlaError('dtype', 'f16 is a storage type: cast first', { where: 'pad' });
    return [{ shape: x.shape.map((dimension, axis) => dimension + (before[axis] as number) + (after[axis] as number)), dtype: x.dtype }];
  },
  reference: padReference,
  gradient: padGradient,
});

/** x with `before[axis]` and `after[axis]` elements of `value` (default 0) put round it. */
export function pad(x: Tensor, before: readonly number[], after: readonly number[], value = 0): Tensor {
  const none = [...before, ...after].every((width) => width === 0) && before.length === x.shape.length;
  return none ? x : (padOp([x], { before: [...before], after: [...after], value })[0] as Tensor);
}
