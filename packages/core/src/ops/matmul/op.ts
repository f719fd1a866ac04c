import { DlaError } from '../../errors.js';
import { type DefinedOp, defineOp, type TensorSpec } from '../../op.js';
import { broadcastShapes, formatShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { expectDtype, inputAt } from '../check.js';
import { reshape } from '../reshape/op.js';
import { matmulReference } from './cpu.js';
import { matmulGradient } from './grad.js';

export type MatmulAttributes = { readonly transposeA: boolean; readonly transposeB: boolean };

/** Rows, columns and inner length of a product. */
export interface MatmulSizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Sizes of op(a) op(b) with a [.., m, k] (stored [.., k, m] if transposed) and b [.., k, n] (stored [.., n, k]). */
export function matmulSizes(a: TensorSpec, b: TensorSpec, { transposeA, transposeB }: MatmulAttributes): MatmulSizes {
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const k = transposeA ? rowsA : columnsA;
  const inner = transposeB ? columnsB : rowsB;
  if (a.shape.length < 2 || b.shape.length < 2 || k !== inner) {
    const described = ({ shape }: TensorSpec, transposed: boolean): string => `${formatShape(shape)}${transposed ? ' transposed' : ''}`;
    throw new DlaError('shape', 'inner dimensions differ', {
      where: 'matmul',
      expected: '[.., m, k] x [.., k, n]',
      found: `${described(a, transposeA)} x ${described(b, transposeB)}`,
    });
  }
  return { m: transposeA ? columnsA : rowsA, n: transposeB ? rowsB : columnsB, k };
}

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
