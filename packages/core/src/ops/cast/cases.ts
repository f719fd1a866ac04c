import { type DType, dtypes } from '../../dtype.js';
import type { Tensor } from '../../tensor.js';
import type { OpCase } from '../../testing/op-case.js';
import { cast, castOp } from './op.js';

const exact = { relative: 0, absolute: 0 };
const computing: readonly DType[] = dtypes.filter((dtype) => dtype !== 'f16');

export const castCases: readonly OpCase[] = [
  ...computing.flatMap((from, seed) =>
    computing
      .filter((to) => to !== from)
      .map((to) => ({
        name: `cast ${from} to ${to} [63,5]`,
        seed: seed + 1,
        inputs: [
          {
            shape: [63, 5],
            dtype: from,
            ...(from === 'f32' ? { low: to === 'u32' ? 0 : -1000, high: 1000 } : from === 'i32' ? { low: -9, high: 9 } : {}),
          },
        ],
        run: ([x]: readonly Tensor[]) => castOp([x as Tensor], { dtype: to }),
        forward: exact,
        gradient: null,
      })),
  ),
  ...[1, 63, 100].map((length) => ({
    name: `cast f32 to f16 and back [${length}]`,
    seed: length,
    inputs: [{ shape: [length] }],
    run: ([x]: readonly Tensor[]) => [cast(cast(x as Tensor, 'f16'), 'f32')],
    forward: exact,
    gradient: exact,
    // A step function: differences see the steps.
    differences: false as const,
  })),
];
