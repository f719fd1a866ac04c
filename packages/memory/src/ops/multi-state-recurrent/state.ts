import type { TensorSpec } from '@dla/core';
import { expectSpec, type Sizes } from '../check.js';
import { type MultiStateAttributes, type MultiStateSizes, multiStateSizes } from '../multi-state/contract.js';

/** Where things lie in a head's row of `order`. */
export const ORDER_TIME = 0;
export const ORDER_COUNT = 1;
export const ORDER_SLOTS = 2;

/**
 * Shapes of the state, in the op's order; all zeros before the first token.
 *
 * slots f32 [B, H, M, K, V]   one matrix a slot, at places that never move
 * scales f32 [B, H, M]        log-scale of the matrix at that place: the slot's state is exp(scale) times it (0 for the open slot)
 * order i32 [B, H, 2 + M]     tokens so far | slots m | places of the slots from the oldest (entry 2) to the open one (entry 1 + m).
 *                             `fenwick` and `single` keep m = 0 and use place = level.
 */
export function recurrentStateSpecs(sizes: Omit<Sizes, 'time' | 'groups'>, slots: number): readonly [TensorSpec, TensorSpec, TensorSpec] {
  const { batch, heads, keyWidth, valueWidth } = sizes;
  return [
    { shape: [batch, heads, slots, keyWidth, valueWidth], dtype: 'f32' },
    { shape: [batch, heads, slots], dtype: 'f32' },
    { shape: [batch, heads, ORDER_SLOTS + slots], dtype: 'i32' },
  ];
}

/** Check the inputs of the recurrent form (state first) and return the sizes. */
export function recurrentSizes(op: string, inputs: readonly TensorSpec[], attributes: MultiStateAttributes): MultiStateSizes {
  const sizes = multiStateSizes(op, inputs.slice(3), attributes, 'mergedAt');
  const specs = recurrentStateSpecs(sizes, sizes.slots);
  ['slots', 'scales', 'order'].forEach((name, index) => {
    const spec = specs[index] as TensorSpec;
    expectSpec(op, `state ${name}`, inputs[index], spec.dtype, spec.shape);
  });
  return sizes;
}
