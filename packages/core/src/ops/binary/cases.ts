import type { Tensor } from '../../tensor.js';
import type { OpCase } from '../../testing/op-case.js';
import { binaryKinds, binaryOp } from './op.js';

type Pair = readonly [readonly number[], readonly number[]];

const pairs: readonly Pair[] = [
  [[], []],
  [[1], [63]],
  [
    [100, 257],
    [100, 257],
  ],
  [[63, 100], [100]],
  [
    [63, 100],
    [63, 1],
  ],
  [[], [257]],
  [
    [5, 1, 7, 3],
    [4, 1, 3],
  ],
  [
    [1, 9, 1],
    [2, 1, 5],
  ],
  [[0, 3], [3]],
];

export const binaryCases: readonly OpCase[] = [
  ...binaryKinds.flatMap((kind, seed) =>
    pairs.map(([a, b]) => ({
      name: `${kind} [${a}] x [${b}]`,
      seed: seed + 1,
      inputs: [{ shape: a }, kind === 'div' ? { shape: b, low: 0.5, high: 2 } : { shape: b }],
      run: ([x, y]: readonly Tensor[]) => binaryOp([x as Tensor, y as Tensor], { kind }),
      forward: { relative: 1e-6, absolute: 1e-7 },
      gradient: { relative: 1e-5, absolute: 1e-4 },
      differences: kind === 'max' || kind === 'min' ? ({ step: 1 / 2048, tolerance: 3e-2 } as const) : {},
    })),
  ),
  ...binaryKinds.flatMap((kind, seed) =>
    (['i32', 'u32'] as const).map((dtype) => ({
      name: `${kind} ${dtype} [63,5] x [5]`,
      seed: seed + 1,
      inputs: [
        { shape: [63, 5], dtype, low: dtype === 'i32' ? -1e9 : 0, high: 2e9 },
        { shape: [5], dtype, low: dtype === 'i32' ? -9 : 0, high: 9 },
      ],
      run: ([x, y]: readonly Tensor[]) => binaryOp([x as Tensor, y as Tensor], { kind }),
      forward: { relative: 0, absolute: 0 },
      gradient: null,
    })),
  ),
];
