import type { OpCase } from '../../testing/op-case.js';
import { gatedRmsNormOp } from './op.js';

export const gatedRmsNormCases: readonly OpCase[] = ([[63], [5, 100], [2, 63, 257]] as const).map((shape: readonly number[]) => ({
  name: `gated-rms-norm [${shape}]`,
  seed: 1,
  inputs: [{ shape }, { shape }, { shape: [shape.at(-1) as number] }],
  run: (inputs) => gatedRmsNormOp(inputs, { epsilon: 1e-5 }),
  forward: { relative: 1e-5, absolute: 1e-5 },
  gradient: { relative: 1e-4, absolute: 2e-4 },
}));
