import type { Tensor } from '../../tensor.js';
import type { OpCase } from '../../testing/op-case.js';
import { broadcastToOp } from './op.js';

export const broadcastToCases: readonly OpCase[] = (
  [
    [[], [63], 'f32'],
    [[100], [63, 100], 'f32'],
    [[63, 1], [63, 257], 'f32'],
    [[3, 1, 5, 1], [2, 3, 4, 5, 6], 'f32'],
    [[1, 3], [4, 3], 'i32'],
  ] as const
).map(([from, to, dtype]) => ({
  name: `broadcast-to ${dtype} [${from}] to [${to}]`,
  seed: 1,
  inputs: [{ shape: from, dtype }],
  run: ([x]: readonly Tensor[]) => broadcastToOp([x as Tensor], { shape: to }),
  forward: { relative: 0, absolute: 0 },
  gradient: dtype === 'f32' ? { relative: 1e-5, absolute: 2e-5 } : null,
}));
