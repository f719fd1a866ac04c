import { type CpuCall, type CpuValue, f32 } from '../../op.js';
import { broadcastStrides, stridesOf } from '../../shape.js';
import { collapse, forEachRow, type StridedLoops } from '../strided.js';
import { type MatmulAttributes, matmulSizes } from './sizes.js';

/** Loops over the batch, in matrices: the item of c, a and b at each. */
export function matmulBatches(a: readonly number[], b: readonly number[], c: readonly number[]): StridedLoops {
  const target = c.slice(0, -2);
  return collapse(target, [stridesOf(target), broadcastStrides(a.slice(0, -2), target), broadcastStrides(b.slice(0, -2), target)]);
}

export function matmulReference({ inputs, outputs, attributes }: CpuCall<MatmulAttributes>): void {
  const [a, b] = inputs as readonly [CpuValue, CpuValue];
  const [dataA, dataB, c] = [f32(a), f32(b), f32(outputs[0])];
  const { m, n, k } = matmulSizes(a, b, attributes);
  const [rowA, stepA] = attributes.transposeA ? [1, m] : [k, 1];
  const [columnB, stepB] = attributes.transposeB ? [k, 1] : [1, n];
  forEachRow(
    matmulBatches(a.shape, b.shape, outputs[0]?.shape ?? []),
    (items) => {
      const [toC, fromA, fromB] = [(items[0] as number) * m * n, (items[1] as number) * m * k, (items[2] as number) * k * n];
      for (let row = 0; row < m; row++) {
        for (let column = 0; column < n; column++) {
          let total = 0;
          for (let i = 0; i < k; i++)
            total += (dataA[fromA + row * rowA + i * stepA] as number) * (dataB[fromB + column * columnB + i * stepB] as number);
          c[toC + row * n + column] = total;
        }
      }
    },
    0,
  );
}
