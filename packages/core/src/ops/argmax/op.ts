import { DlaError } from '../../errors.js';
import { type DefinedOp, defineOp } from '../../op.js';
import { formatShape, resolveAxis } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { expectDtype, inputAt } from '../check.js';
import { argmaxReference } from './cpu.js';

export type ArgmaxAttributes = { readonly axis: number };

/** The index of the largest element along `axis` (non-negative), the lowest of equals: f32 -> i32 without that axis. NaN is never chosen. */
export const argmaxOp: DefinedOp<ArgmaxAttributes> = defineOp<ArgmaxAttributes>({
  name: 'argmax',
  infer: (inputs, { axis }) => {
    const x = inputAt('argmax', inputs, 0);
    expectDtype('argmax', 'x', x, 'f32');
    resolveAxis('argmax', axis, x.shape.length);
    if (x.shape[axis] === 0) throw new DlaError('shape', 'no elements to choose from', { where: 'argmax', found: formatShape(x.shape) });
    return [{ shape: x.shape.filter((_, index) => index !== axis), dtype: 'i32' }];
  },
  reference: argmaxReference,
  gradient: null,
});

/** Index of the largest element along `axis` (default the last); the lowest index wins ties. i32. */
export function argmax(x: Tensor, axis = -1): Tensor {
  return argmaxOp([x], { axis: resolveAxis('argmax', axis, x.shape.length) })[0] as Tensor;
}
