import type { Tensor } from '../../tensor.js';
import type { OpCase } from '../../testing/op-case.js';
import { whereOp } from './op.js';

const shapes: readonly (readonly (readonly number[])[])[] = [
  [[], [], []],
  [
    [100, 257],
    [100, 257],
    [100, 257],
  ],
  [[63, 1], [100], []],
  [[4, 1, 1], [5, 1], [3]],
];

export const whereCases: readonly OpCase[] = [
  ...shapes.map((shape, seed) => ({
    name: `where ${shape.map((own) => `[${own}]`).join(' ')}`,
    seed: seed + 1,
    inputs: shape.map((own, index) => ({ shape: own, dtype: index === 0 ? ('bool' as const) : ('f32' as const) })),
    run: (inputs: readonly Tensor[]) => whereOp(inputs, {}),
    forward: { relative: 0, absolute: 0 },
    gradient: { relative: 1e-5, absolute: 1e-4 },
  })),
  ...(['i32', 'u32', 'bool'] as const).map((dtype) => ({
    name: `where ${dtype} [63] [63] [1]`,
    seed: 9,
    inputs: [
      { shape: [63], dtype: 'bool' as const },
      { shape: [63], dtype },
      { shape: [1], dtype },
    ],
    run: (inputs: readonly Tensor[]) => whereOp(inputs, {}),
    forward: { relative: 0, absolute: 0 },
    gradient: null,
  })),
];
