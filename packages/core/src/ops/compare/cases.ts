import type { Tensor } from '../../tensor.js';
import type { OpCase } from '../../testing/op-case.js';
import { compareKinds, compareOp } from './op.js';

const dtypes = ['f32', 'i32', 'u32', 'bool'] as const;

export const compareCases: readonly OpCase[] = compareKinds.flatMap((kind, seed) =>
  dtypes.map((dtype) => ({
    name: `${kind} ${dtype} [63,1,100] x [3,1]`,
    seed: seed + 1,
    inputs: [
      { shape: [63, 1, 100], dtype, ...(dtype === 'f32' ? {} : { low: 0, high: 3 }) },
      { shape: [3, 1], dtype, ...(dtype === 'f32' ? { values: [-1, 0, 1] } : { low: 0, high: 3 }) },
    ],
    run: ([a, b]: readonly Tensor[]) => compareOp([a as Tensor, b as Tensor], { kind }),
    forward: { relative: 0, absolute: 0 },
    gradient: null,
  })),
);
