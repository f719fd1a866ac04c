import type { Tensor } from '../../tensor.js';
import type { OpCase } from '../../testing/op-case.js';
import { add } from '../binary/op.js';
import { reshapeOp } from './op.js';

export const reshapeCases: readonly OpCase[] = (
  [
    [[63, 100], [6300]],
    [
      [6, 4],
      [3, 2, 4],
    ],
    [[], [1, 1]],
  ] as const
).map(([from, to]) => ({
  name: `reshape [${from}] to [${to}]`,
  seed: 1,
  inputs: [{ shape: from }],
  // With an op on either side, the view is of an intermediate value.
  run: ([x]: readonly Tensor[]) => [add(reshapeOp([add(x as Tensor, 1)], { shape: to })[0] as Tensor, 1)],
  forward: { relative: 1e-6, absolute: 1e-6 },
  gradient: { relative: 1e-6, absolute: 1e-6 },
}));
