import type { OpCase } from '../../testing/op-case.js';
import { concatOp } from './op.js';

export const concatCases: readonly OpCase[] = (
  [
    [[[63], [1], [100]], 0, 'f32'],
    [
      [
        [5, 7],
        [5, 1],
        [5, 0],
        [5, 257],
      ],
      1,
      'f32',
    ],
    [
      [
        [2, 3, 4],
        [2, 5, 4],
      ],
      1,
      'f32',
    ],
    [Array.from({ length: 12 }, (_, index) => [index + 1, 3]), 0, 'f32'],
    [[[4], [5]], 0, 'i32'],
  ] as const
).map(([shapes, axis, dtype]) => ({
  name: `concat ${dtype} ${shapes.map((shape) => `[${shape}]`).join(' ')} along ${axis}`,
  seed: 1,
  inputs: shapes.map((shape) => ({ shape, dtype })),
  run: (inputs) => concatOp(inputs, { axis }),
  forward: { relative: 0, absolute: 0 },
  gradient: dtype === 'f32' ? { relative: 1e-6, absolute: 1e-6 } : null,
}));
