import type { Tensor } from '../../tensor.js';
import type { OpCase } from '../../testing/op-case.js';
import { padOp } from './op.js';

export const padCases: readonly OpCase[] = (
  [
    [[63], [1], [0], 0, 'f32'],
    [[10, 25], [3, 0], [0, 7], 1.5, 'f32'],
    [[2, 1, 3], [1, 2, 3], [3, 2, 1], -1, 'f32'],
    [[4, 5], [0, 2], [1, 0], 9, 'i32'],
    [[0, 3], [2, 0], [0, 1], 4, 'f32'],
  ] as const
).map(([shape, before, after, value, dtype]) => ({
  name: `pad ${dtype} [${shape}] by [${before}] and [${after}] with ${value}`,
  seed: 1,
  inputs: [{ shape, dtype }],
  run: ([x]: readonly Tensor[]) => padOp([x as Tensor], { before, after, value }),
  forward: { relative: 0, absolute: 0 },
  gradient: dtype === 'f32' ? { relative: 1e-6, absolute: 1e-6 } : null,
}));
