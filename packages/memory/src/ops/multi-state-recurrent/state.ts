import type { TensorSpec } from '@dla/core';
import type { Sizes } from '../check.js';

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
