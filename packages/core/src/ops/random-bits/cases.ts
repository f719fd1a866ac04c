import type { OpCase } from '../../testing/op-case.js';
import { randomBitsOp } from './op.js';

export const randomBitsCases: readonly OpCase[] = (
  [
    [[1], 0],
    [[63], 0],
    [[100, 257], 0],
    [[3, 5], 8],
  ] as const
).map(([shape, shift]) => ({
  name: `random-bits [${shape}] shifted by ${shift}`,
  seed: 1,
  inputs: [{ shape: [2], dtype: 'u32' as const, low: 0, high: 2 ** 32 }],
  run: (inputs) => randomBitsOp(inputs, { shape, shift }),
  forward: { relative: 0, absolute: 0 },
  gradient: null,
}));
