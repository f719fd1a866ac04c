import { type DefinedOp, defineOp } from '../../op.js';
import { checkShape, type Shape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { mul } from '../binary/op.js';
import { cast } from '../cast/op.js';
import { expectDtype, expectShape, inputAt } from '../check.js';
import { randomBitsReference } from './cpu.js';

export type RandomBitsAttributes = { readonly shape: Shape; readonly shift: number };

/**
 * Philox4x32-10: key u32 [2] -> u32 [shape], the same bits on every device. Element i is lane i % 4 of the block with
 * counter floor(i / 4) (as `random.ts` lays streams out), shifted right by `shift` bits (0 to 31).
 */
export const randomBitsOp: DefinedOp<RandomBitsAttributes> = defineOp<RandomBitsAttributes>({
  name: 'random-bits',
  infer: (inputs, { shape }) => {
    const key = inputAt('random-bits', inputs, 0);
    expectDtype('random-bits', 'the key', key, 'u32');
    expectShape('random-bits', 'the key', key, [2]);
    checkShape('random-bits', shape);
    return [{ shape, dtype: 'u32' }];
  },
  reference: randomBitsReference,
  gradient: null,
});

/** Random u32 of `shape` from key u32 [2]; a key gives the same bits everywhere, so use a new one for each draw. */
export function randomBits(key: Tensor, shape: Shape): Tensor {
  return randomBitsOp([key], { shape: [...shape], shift: 0 })[0] as Tensor;
}

/** Uniform f32 in [0, 1): the upper 24 bits of {@link randomBits} times 2^-24, exact on every device. */
export function uniform(key: Tensor, shape: Shape): Tensor {
  const bits = randomBitsOp([key], { shape: [...shape], shift: 8 })[0] as Tensor;
  return mul(cast(bits, 'f32'), 2 ** -24);
}
