import type { Tensor } from '../../tensor.js';
import type { OpCase } from '../../testing/op-case.js';
import { cumsumOp } from './op.js';

export const cumsumCases: readonly OpCase[] = (
  [
    [[1], 0, false],
    [[257], 0, true],
    [[63, 100], 1, false],
    [[63, 100], 0, true],
    [[2, 63, 5], 1, false],
  ] as const
).map(([shape, axis, reverse]) => ({
  name: `cumsum [${shape}] along ${axis}${reverse ? ' reversed' : ''}`,
  seed: 1,
  inputs: [{ shape }],
  run: ([x]: readonly Tensor[]) => cumsumOp([x as Tensor], { axis, reverse }),
  forward: { relative: 1e-5, absolute: 1e-4 },
  gradient: { relative: 1e-5, absolute: 1e-4 },
}));
