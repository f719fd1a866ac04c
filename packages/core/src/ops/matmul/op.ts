import { type DefinedOp, defineOp } from '../../op.js';
import { broadcastShapes } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { expectDtype, inputAt } from '../check.js';
import { reshape } from '../reshape/op.js';
import { matmulReference } from './cpu.js';
import { matmulGradient } from './grad.js';
import { type MatmulAttributes, matmulSizes } from './sizes.js';

export { type MatmulAttributes, type MatmulSizes, matmulSizes } from './sizes.js';

/** c = op(a) op(b), f32: [.., m, k] x [.., k, n] -> [.., m, n], batch dimensions broadcast. Throws `shape` and `dtype`. */
export const matmulOp: DefinedOp<MatmulAttributes> = defineOp<MatmulAttributes>({
  name: 'matmul',
  infer: (inputs, attributes) => {
    const a = inputAt('matmul', inputs, 0);
    const b = inputAt('matmul', inputs, 1);
    expectDtype('matmul', 'a', a, 'f32');
    expectDtype('matmul', 'b', b, 'f32');
    const { m, n } = matmulSizes(a, b, attributes);
    return [{ shape: [...broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n], dtype: 'f32' }];
  },
  reference: matmulReference,
  gradient: matmulGradient,
});

/**
 * Matrix product of the last two dimensions, batch dimensions broadcast: [.., m, k] x [.., k, n] -> [.., m, n], f32.
 * With `transposeA` a is stored [.., k, m], with `transposeB` b is stored [.., n, k]; nothing is moved for it.
 * A batch of a against one b runs as one large product.
 *
 * @example
 * const y = matmul(x, weight, { transposeB: true }); // weight [outputs, inputs]
 */
export function matmul(a: Tensor, b: Tensor, options: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {}): Tensor {
  const attributes = { transposeA: options.transposeA === true, transposeB: options.transposeB === true };
  const rank = a.shape.length;
  if (rank <= 2 || b.shape.length !== 2 || attributes.transposeA || a.size === 0) return matmulOp([a, b], attributes)[0] as Tensor;
  const inner = a.shape[rank - 1] as number;
  const flat = matmulOp([reshape(a, [a.size / inner, inner]), b], attributes)[0] as Tensor;
  return reshape(flat, [...a.shape.slice(0, -1), flat.shape[1] as number]);
}
