import { DlaError } from '../../errors.js';
import { type DefinedOp, defineOp } from '../../op.js';
import { broadcastShapes, checkShape, formatShape, type Shape, sameShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { inputAt } from '../check.js';
import { broadcastToReference } from './cpu.js';
import { broadcastToGradient } from './grad.js';

export type BroadcastToAttributes = { readonly shape: Shape };

/** x repeated to a larger shape by the numpy rules. Any dtype. Throws `shape`. */
export const broadcastToOp: DefinedOp<BroadcastToAttributes> = defineOp<BroadcastToAttributes>({
  name: 'broadcast-to',
  infer: (inputs, { shape }) => {
    const x = inputAt('broadcast-to', inputs, 0);
    checkShape('broadcast-to', shape);
    if (!sameShape(broadcastShapes('broadcast-to', x.shape, shape), shape))
      throw new DlaError('shape', 'does not broadcast', { where: 'broadcast-to', expected: formatShape(shape), found: formatShape(x.shape) });
    return [{ shape, dtype: x.dtype }];
  },
  reference: broadcastToReference,
  gradient: broadcastToGradient,
});

/** x repeated along new or length-1 axes until it has `shape`. Ops that broadcast do not need it. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : (broadcastToOp([x], { shape: [...shape] })[0] as Tensor);
}
