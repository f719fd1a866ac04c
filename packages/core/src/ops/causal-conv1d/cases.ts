import type { OpCase } from '../../testing/op-case.js';
import { causalConv1dOp } from './op.js';

/** B, T, D, width. */
const sizes = [
  [1, 1, 1, 1],
  [1, 1, 63, 4],
  [2, 2, 5, 4],
  [2, 63, 100, 4],
  [1, 100, 7, 3],
  [3, 257, 3, 2],
] as const;

export const causalConv1dCases: readonly OpCase[] = sizes.map(([batch, time, channels, width]) => ({
  name: `causal-conv1d [${batch},${time},${channels}] width ${width}`,
  seed: 1,
  inputs: [{ shape: [batch, time, channels] }, { shape: [channels, width] }, { shape: [channels] }, { shape: [batch, width - 1, channels] }],
  run: (inputs) => causalConv1dOp(inputs, {}),
  forward: { relative: 1e-5, absolute: 1e-5 },
  gradient: { relative: 1e-5, absolute: 2e-4 },
}));
