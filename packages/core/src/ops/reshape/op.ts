import { DlaError } from '../../errors.js';
import { type DefinedOp, defineOp } from '../../op.js';
import { checkShape, formatShape, type Shape, sameShape, sizeOf } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { inputAt } from '../check.js';
import { copyReference } from '../copy/cpu.js';
import { reshapeGradient } from './grad.js';

export type ReshapeAttributes = { readonly shape: Shape };

/** The same elements, in row-major order, seen with another shape of the same size: a view, nothing is copied. Any dtype. */
export const reshapeOp: DefinedOp<ReshapeAttributes> = defineOp<ReshapeAttributes>({
  name: 'reshape',
  infer: (inputs, { shape }) => {
    const x = inputAt('reshape', inputs, 0);
    checkShape('reshape', shape);
    if (sizeOf(shape) !== sizeOf(x.shape))
      throw new DlaError('shape', 'the number of elements changes', { where: 'reshape', expected: formatShape(shape), found: formatShape(x.shape) });
    return [{ shape, dtype: x.dtype }];
  },
  view: true,
  reference: copyReference,
  gradient: reshapeGradient,
});

/** x seen with another shape of the same size; one dimension may be -1 and is worked out. Throws `shape`. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const resolved = resolve(x, shape);
  return sameShape(resolved, x.shape) ? x : (reshapeOp([x], { shape: resolved })[0] as Tensor);
}

function resolve(x: Tensor, shape: Shape): number[] {
  const free = shape.indexOf(-1);
  if (free < 0) return [...shape];
  const rest = shape.reduce((product, dimension, axis) => (axis === free ? product : product * dimension), 1);
  if (shape.indexOf(-1, free + 1) >= 0 || rest <= 0 || x.size % rest !== 0)
    throw new DlaError('shape', 'cannot work out the dimension -1', { where: 'reshape', expected: formatShape(shape), found: formatShape(x.shape) });
  return shape.map((dimension, axis) => (axis === free ? x.size / rest : dimension));
}
