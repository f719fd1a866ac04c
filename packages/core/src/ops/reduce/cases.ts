import type { Tensor } from '../../tensor.js';
import type { OpCase } from '../../testing/op-case.js';
import { type ReduceKind, reduceOp } from './op.js';

const kinds: readonly ReduceKind[] = ['sum', 'max', 'min'];
const shapes: readonly (readonly [readonly number[], readonly number[], boolean])[] = [
  [[1], [0], false],
  [[257], [0], true],
  [[63, 100], [1], false],
  [[63, 100], [0], true],
  [[3, 63, 5], [1], false],
  [[4, 5, 6, 7], [0, 2], false],
  [[100, 257], [0, 1], false],
];

export const reduceCases: readonly OpCase[] = [
  ...kinds.flatMap((kind, seed) =>
    shapes.map(([shape, axes, keepDims]) => ({
      name: `${kind} [${shape}] along [${axes}]${keepDims ? ' kept' : ''}`,
      seed: seed + 1,
      inputs: [{ shape }],
      run: ([x]: readonly Tensor[]) => reduceOp([x as Tensor], { kind, axes, keepDims }),
      forward: { relative: 1e-5, absolute: 1e-3 },
      gradient: { relative: 1e-5, absolute: 1e-5 },
      // Equal or nearly equal largest elements are kinks.
      differences: kind === 'sum' ? ({} as const) : ({ step: 1 / 8192, tolerance: 3e-2 } as const),
    })),
  ),
  ...kinds.map((kind) => ({
    name: `${kind} i32 [63,5] along [0]`,
    seed: 4,
    inputs: [{ shape: [63, 5], dtype: 'i32' as const, low: -1000, high: 1000 }],
    run: ([x]: readonly Tensor[]) => reduceOp([x as Tensor], { kind, axes: [0], keepDims: false }),
    forward: { relative: 0, absolute: 0 },
    gradient: null,
  })),
];
