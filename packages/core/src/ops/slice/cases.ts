import type { Tensor } from '../../tensor.js';
import type { OpCase } from '../../testing/op-case.js';
import { sliceOp } from './op.js';

export const sliceCases: readonly OpCase[] = (
  [
    [[63], [5], [40], 'f32'],
    [[100, 257], [1, 3], [99, 250], 'f32'],
    [[5, 7, 3], [0, 6, 0], [5, 7, 3], 'f32'],
    [[5, 7, 3], [1, 2, 1], [4, 6, 2], 'f32'],
    [[63, 3], [10, 1], [11, 3], 'i32'],
    [[4, 3], [2, 0], [2, 3], 'f32'],
  ] as const
).map(([shape, start, end, dtype]) => ({
  name: `slice ${dtype} [${shape}] from [${start}] to [${end}]`,
  seed: 1,
  inputs: [{ shape, dtype }],
  run: ([x]: readonly Tensor[]) => sliceOp([x as Tensor], { start, end }),
  forward: { relative: 0, absolute: 0 },
  gradient: dtype === 'f32' ? { relative: 1e-6, absolute: 1e-6 } : null,
}));
