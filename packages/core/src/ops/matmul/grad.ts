import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { sumTo } from '../reduce/op.js';
import { type MatmulAttributes, matmul } from './op.js';

/** With C = A B: dA = dC B^T, dB = A^T dC; stored transposed, the products swap sides. */
export function matmulGradient({ inputs, cotangents, needed, attributes }: GradientCall<MatmulAttributes>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  if (d === null) return [null, null];
  const [a, b] = inputs as readonly [Tensor, Tensor];
  const { transposeA, transposeB } = attributes;
  const toA = (): Tensor => (transposeA ? matmul(b, d, { transposeA: transposeB, transposeB: true }) : matmul(d, b, { transposeB: !transposeB }));
  const toB = (): Tensor => (transposeB ? matmul(d, a, { transposeA: true, transposeB: transposeA }) : matmul(a, d, { transposeA: !transposeA }));
  return [needed[0] === true ? sumTo(toA(), a.shape) : null, needed[1] === true ? sumTo(toB(), b.shape) : null];
}
