import { DlaError } from '../../errors.js';
import { type DefinedOp, defineOp } from '../../op.js';
import { formatShape, resolveAxis, sameShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { expectSameDtype, inputAt } from '../check.js';
import { concatReference } from './cpu.js';
import { concatGradient } from './grad.js';

export type ConcatAttributes = { readonly axis: number };

/** The inputs one after the other along `axis` (non-negative); all other dimensions and the dtype must agree. Throws `shape` and `dtype`. */
export const concatOp: DefinedOp<ConcatAttributes> = defineOp<ConcatAttributes>({
  name: 'concat',
  infer: (inputs, { axis }) => {
    const first = inputAt('concat', inputs, 0);
    resolveAxis('concat', axis, first.shape.length);
    let total = 0;
    for (const input of inputs) {
      expectSameDtype('concat', first, input);
      if (input.shape.length !== first.shape.length || !sameShape(input.shape.with(axis, 0), first.shape.with(axis, 0)))
        throw new DlaError('shape', `dimensions other than ${axis} differ`, {
          where: 'concat',
          expected: formatShape(first.shape),
          found: formatShape(input.shape),
        });
      total += input.shape[axis] as number;
    }
    return [{ shape: first.shape.with(axis, total), dtype: first.dtype }];
  },
  reference: concatReference,
  gradient: concatGradient,
});

/** The tensors one after the other along `axis`, which may count from the end. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new DlaError('argument', 'nothing to join', { where: 'concat', expected: 'at least one tensor', found: 'none' });
  return tensors.length === 1 ? first : (concatOp(tensors, { axis: resolveAxis('concat', axis, first.shape.length) })[0] as Tensor);
}
