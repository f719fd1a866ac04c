import type { OpCase } from '../../testing/op-case.js';
import { crossEntropyOp } from './op.js';

export const crossEntropyCases: readonly OpCase[] = (
  [
    [1, 1],
    [63, 100],
    [5, 257],
    [100, 7],
    [3, 1000],
  ] as const
).map(([rows, width]) => ({
  name: `cross-entropy [${rows},${width}]`,
  seed: 1,
  // Targets of -1 are ignored rows.
  inputs: [
    { shape: [rows, width], low: -6, high: 6 },
    { shape: [rows], dtype: 'i32' as const, low: -1, high: width },
  ],
  run: (inputs) => crossEntropyOp(inputs, {}),
  forward: { relative: 1e-5, absolute: 2e-5 },
  gradient: { relative: 1e-4, absolute: 2e-5 },
}));
