import type { Tensor } from '../../tensor.js';
import type { OpCase } from '../../testing/op-case.js';
import { transposeOp } from './op.js';

export const transposeCases: readonly OpCase[] = (
  [
    [[1, 1], [1, 0], 'f32'],
    [[100, 257], [1, 0], 'f32'],
    [[2, 63, 5, 4], [0, 2, 1, 3], 'f32'],
    [[3, 4, 5], [2, 0, 1], 'f32'],
    [[3, 1, 5], [1, 2, 0], 'f32'],
    [[63, 3], [1, 0], 'i32'],
    [[0, 3], [1, 0], 'f32'],
  ] as const
).map(([shape, permutation, dtype]) => ({
  name: `transpose ${dtype} [${shape}] by [${permutation}]`,
  seed: 1,
  inputs: [{ shape, dtype }],
  run: ([x]: readonly Tensor[]) => transposeOp([x as Tensor], { permutation }),
  forward: { relative: 0, absolute: 0 },
  gradient: dtype === 'f32' ? { relative: 1e-6, absolute: 1e-6 } : null,
}));
