import type { Tensor } from '../../tensor.js';
import type { OpCase } from '../../testing/op-case.js';
import { matmul } from './op.js';

type Product = readonly [readonly number[], readonly number[], boolean, boolean];

const products: readonly Product[] = [
  [[1, 1], [1, 1], false, false],
  [[63, 100], [100, 257], false, false],
  [[100, 63], [100, 31], true, false],
  [[63, 100], [33, 100], false, true],
  [[17, 9], [5, 17], true, true],
  [[1, 257], [257, 63], false, false],
  [[63, 257], [257, 1], false, false],
  [[2, 3, 5, 7], [7, 4], false, false],
  [[2, 3, 5, 7], [4, 7], false, true],
  [[2, 7, 5], [7, 4], true, false],
  [[4, 5], [3, 5, 6], false, false],
  [[2, 3, 5, 4], [2, 3, 4, 6], false, false],
  [[2, 1, 5, 4], [3, 6, 4], false, true],
  [[3, 0], [0, 4], false, false],
];

function described([a, b, transposeA, transposeB]: Product): string {
  return `matmul [${a}]${transposeA ? ' transposed' : ''} x [${b}]${transposeB ? ' transposed' : ''}`;
}

export const matmulCases: readonly OpCase[] = products.map((product) => {
  const [a, b, transposeA, transposeB] = product;
  return {
    name: described(product),
    seed: 1,
    inputs: [
      { shape: a, low: -1, high: 1 },
      { shape: b, low: -1, high: 1 },
    ],
    run: ([x, y]: readonly Tensor[]) => [matmul(x as Tensor, y as Tensor, { transposeA, transposeB })],
    forward: { relative: 1e-5, absolute: 2e-5 },
    gradient: { relative: 1e-5, absolute: 5e-5 },
  };
});
