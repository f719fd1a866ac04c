import type { OpCase } from '../../testing/op-case.js';
import { fillOp } from './op.js';

export const fillCases: readonly OpCase[] = (
  [
    [[], 1.5, 'f32'],
    [[100, 257], -0.1, 'f32'],
    [[63], -7, 'i32'],
    [[63], 4e9, 'u32'],
    [[1, 5], 1, 'bool'],
    [[4], Number.NEGATIVE_INFINITY, 'f32'],
    [[0], 3, 'f32'],
  ] as const
).map(([shape, value, dtype]) => ({
  name: `fill ${dtype} [${shape}] with ${value}`,
  seed: 1,
  inputs: [],
  run: () => fillOp([], { shape, value, dtype }),
  forward: { relative: 0, absolute: 0 },
  gradient: null,
}));
