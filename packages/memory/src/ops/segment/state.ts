import type { TensorSpec } from '@dla/core';
import type { Sizes } from '../check.js';

/** Scores are computed on a grid of chunks of this many tokens, counted from the document's start. */
export const GRID = 64;

/** Which pair merges at capacity; keys are given in the README. */
export type MergeRule = 'density' | 'weakest' | 'oldest';

export type SegmentAttributes = {
  readonly [name: string]: string | number;
  readonly policy: 'dla' | 'fixed';
  /** M, the most slots a head may hold, the open one included. */
  readonly capacity: number;
  /** Score from which a token opens a slot (`dla`). */
  readonly tau: number;
  readonly merge: MergeRule;
  /** Tokens in a slot (`fixed`). */
  readonly blockLength: number;
};

/** `mergedAt` where the token did not open a slot at capacity. */
export const NO_MERGE = -1;
/** `mergedAt` where the token asked for a slot but no pair may merge: it joined the open slot. */
export const HELD = -2;
/** `gap` where no comparison was made. */
export const NO_DECISION = 1e30;

/**
 * Where things lie in a head's row of the state tensors.
 *
 * `numbers` f32 [B, H, width]:  normSq | energy | E [M] | opening score [M] | g of the partial chunk [C] | Sigma_0 [K, V]
 * `counters` i32 [B, H, 2 + 2M]: tokens so far | slots m | n [M] | start [M] (absolute times)
 *
 * normSq is ||Sigma||_F^2 of the open slot, energy the sum of its tokens' |k|^2 |v|^2 under the same decay.
 * Slot 0 is the oldest; entries from m on mean nothing. `fixed` keeps no chunk: its `numbers` end after the opening scores.
 */
export interface SegmentLayout {
  readonly normSq: number;
  readonly energy: number;
  readonly scores: number;
  readonly openings: number;
  readonly decays: number;
  readonly summary: number;
  readonly numbersWidth: number;
  readonly time: number;
  readonly count: number;
  readonly sizes: number;
  readonly starts: number;
  readonly countersWidth: number;
  /** Rows of the partial chunk that keys and values hold. */
  readonly chunk: number;
}

export function segmentLayout(
  { policy, capacity }: Pick<SegmentAttributes, 'policy' | 'capacity'>,
  keyWidth: number,
  valueWidth: number,
): SegmentLayout {
  const scored = policy === 'dla';
  const decays = 2 + 2 * capacity;
  const summary = decays + (scored ? GRID : 0);
  return {
    normSq: 0,
    energy: 1,
    scores: 2,
    openings: 2 + capacity,
    decays,
    summary,
    numbersWidth: summary + (scored ? keyWidth * valueWidth : 0),
    time: 0,
    count: 1,
    sizes: 2,
    starts: 2 + capacity,
    countersWidth: 2 + 2 * capacity,
    chunk: scored ? GRID : 1,
  };
}

/** Shapes of the state, in the op's order: keys and values of the partial chunk, numbers, counters. All zeros before the first token. */
export function segmentStateSpecs(
  attributes: Pick<SegmentAttributes, 'policy' | 'capacity'>,
  sizes: Omit<Sizes, 'time'>,
): readonly [TensorSpec, TensorSpec, TensorSpec, TensorSpec] {
  const { batch, groups, heads, keyWidth, valueWidth } = sizes;
  const layout = segmentLayout(attributes, keyWidth, valueWidth);
  const scored = attributes.policy === 'dla';
  return [
    { shape: [batch, layout.chunk, scored ? groups : 1, scored ? keyWidth : 1], dtype: 'f32' },
    { shape: [batch, layout.chunk, scored ? heads : 1, scored ? valueWidth : 1], dtype: 'f32' },
    { shape: [batch, heads, layout.numbersWidth], dtype: 'f32' },
    { shape: [batch, heads, layout.countersWidth], dtype: 'i32' },
  ];
}
