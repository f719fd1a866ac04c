import { DlaError } from '../../errors.js';
import type { TensorSpec } from '../../op.js';
import { formatShape } from '../../shape.js';

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
