import type { OpCase } from '../../testing/op-case.js';
import { gatherOp } from './op.js';

export const gatherCases: readonly OpCase[] = (
  [
    [[1, 1], []],
    [[63, 100], [257]],
    [
      [10, 5],
      [4, 7],
    ],
    [[3, 257], [0]],
  ] as const
).map(([table, indices]) => ({
  name: `gather [${table}] at [${indices}]`,
  seed: 1,
  inputs: [{ shape: table }, { shape: indices, dtype: 'i32' as const, low: 0, high: table[0] }],
  run: (inputs) => gatherOp(inputs, {}),
  forward: { relative: 0, absolute: 0 },
  gradient: { relative: 1e-5, absolute: 1e-5 },
}));
