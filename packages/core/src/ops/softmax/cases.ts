import type { OpCase } from '../../testing/op-case.js';
import { softmaxOp } from './op.js';

export const softmaxCases: readonly OpCase[] = ([[1], [63], [63, 100], [2, 5, 257], [3, 1000]] as const).map((shape) => ({
  name: `softmax [${shape}]`,
  seed: 1,
  inputs: [{ shape, low: -6, high: 6 }],
  run: (inputs) => softmaxOp(inputs, {}),
  forward: { relative: 2e-5, absolute: 1e-6 },
  gradient: { relative: 1e-4, absolute: 1e-5 },
}));
