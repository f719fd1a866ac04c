import type { OpCase } from '../../testing/op-case.js';
import { rmsNormOp } from './op.js';

export const rmsNormCases: readonly OpCase[] = ([[1], [63], [5, 100], [2, 63, 257]] as const).map((shape: readonly number[]) => ({
  name: `rms-norm [${shape}]`,
  seed: 1,
  inputs: [{ shape }, { shape: [shape.at(-1) as number] }],
  run: (inputs) => rmsNormOp(inputs, { epsilon: 1e-5 }),
  forward: { relative: 1e-5, absolute: 1e-5 },
  gradient: { relative: 1e-4, absolute: 1e-4 },
  // A single element is nearly constant: x / |x|.
  ...(shape[0] === 1 ? { differences: { tolerance: 0.1 } } : {}),
}));
