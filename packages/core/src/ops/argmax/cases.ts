import type { Tensor } from '../../tensor.js';
import type { OpCase } from '../../testing/op-case.js';
import { argmaxOp } from './op.js';

export const argmaxCases: readonly OpCase[] = (
  [
    [[1], 0],
    [[63, 100], 1],
    [[63, 100], 0],
    [[3, 257, 5], 1],
  ] as const
).map(([shape, axis]) => ({
  name: `argmax [${shape}] along ${axis}`,
  seed: 1,
  // Whole numbers, so that there are ties.
  inputs: [{ shape, values: Array.from({ length: shape.reduce((a: number, b) => a * b, 1) }, (_, i) => (i * 7919) % 13) }],
  run: ([x]: readonly Tensor[]) => argmaxOp([x as Tensor], { axis }),
  forward: { relative: 0, absolute: 0 },
  gradient: null,
}));
