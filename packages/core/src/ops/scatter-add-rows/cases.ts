import type { OpCase } from '../../testing/op-case.js';
import { scatterAddRowsOp } from './op.js';

export const scatterAddRowsCases: readonly OpCase[] = (
  [
    [1, [1], 1],
    [63, [257], 100],
    [10, [4, 7], 5],
    [300, [63], 33],
  ] as const
).map(([rows, indices, width]) => ({
  name: `scatter-add-rows [${indices},${width}] into [${rows},${width}]`,
  seed: 1,
  inputs: [{ shape: indices, dtype: 'i32' as const, low: 0, high: rows }, { shape: [...indices, width] }],
  run: (inputs) => scatterAddRowsOp(inputs, { rows }),
  forward: { relative: 1e-5, absolute: 1e-5 },
  gradient: { relative: 1e-6, absolute: 1e-6 },
}));
