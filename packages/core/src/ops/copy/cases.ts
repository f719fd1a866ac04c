import type { OpCase } from '../../testing/op-case.js';
import { copyOp } from './op.js';

export const copyCases: readonly OpCase[] = (
  [
    [[], 'f32'],
    [[63], 'f32'],
    [[100, 257], 'i32'],
    [[5], 'f16'],
  ] as const
).map(([shape, dtype]) => ({
  name: `copy ${dtype} [${shape}]`,
  seed: 1,
  inputs: [{ shape, dtype }],
  run: (inputs) => copyOp(inputs, {}),
  forward: { relative: 0, absolute: 0 },
  gradient: dtype === 'f32' ? { relative: 1e-6, absolute: 1e-6 } : null,
}));
