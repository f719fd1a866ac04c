import type { OpCase } from '@dla/core/testing';
import { type MadeDecisions, madeDecisions } from '../../../test/decisions.js';
import type { SlotKind, SlotSizes } from './contract.js';
import { multiState } from './op.js';

/** Largest error of outputs and gradients relative to the largest reference value, against golden vectors and between forms. */
export const TOLERANCE = 1e-4;

export type CaseSizes = SlotSizes;

/** Odd sizes that every form is tried at. */
export const SIZES: readonly CaseSizes[] = [
  { batch: 1, time: 1, groups: 1, heads: 1, keyWidth: 1, valueWidth: 1, slots: 1 },
  { batch: 2, time: 17, groups: 1, heads: 2, keyWidth: 4, valueWidth: 6, slots: 3 },
  { batch: 1, time: 63, groups: 2, heads: 4, keyWidth: 5, valueWidth: 7, slots: 4 },
  { batch: 1, time: 100, groups: 1, heads: 2, keyWidth: 8, valueWidth: 8, slots: 12 },
  { batch: 1, time: 129, groups: 3, heads: 3, keyWidth: 7, valueWidth: 9, slots: 30 },
];

/** Inputs q, k, v, g, lambda of a case; g in [-decay, 0], lambda in [0.2, 2). */
export function baseInputs({ batch, time, groups, heads, keyWidth, valueWidth, slots }: CaseSizes, decay: number): OpCase['inputs'] {
  return [
    { shape: [batch, time, groups, keyWidth], low: -1, high: 1 },
    { shape: [batch, time, groups, keyWidth], low: -1, high: 1 },
    { shape: [batch, time, heads, valueWidth], low: -1, high: 1 },
    { shape: [batch, time, heads], low: -decay, high: 0 },
    { shape: [batch, time, heads, slots], low: 0.2, high: 2 },
  ];
}

export function decisionInputs(sizes: CaseSizes, decisions: MadeDecisions, third: 'death' | 'mergedAt'): OpCase['inputs'] {
  const shape = [sizes.batch, sizes.time, sizes.heads];
  return [
    { shape, dtype: 'bool', values: decisions.opened },
    { shape, dtype: 'i32', values: decisions[third] },
  ];
}

export const kinds: readonly SlotKind[] = ['single', 'age', 'fenwick'];

export function describeSizes({ batch, time, groups, heads, keyWidth, valueWidth, slots }: CaseSizes): string {
  return `B ${batch} T ${time} G ${groups} H ${heads} K ${keyWidth} V ${valueWidth} M ${slots}`;
}

export const multiStateCases: readonly OpCase[] = SIZES.flatMap((sizes, index) =>
  kinds.flatMap((slots) =>
    [0.3, 20].map((decay): OpCase => {
      const own = slots === 'single' ? { ...sizes, slots: 1 } : sizes;
      return {
        name: `multi-state ${slots} ${describeSizes(own)} decay ${decay}`,
        seed: 10 + index,
        inputs: [...baseInputs(own, decay), ...(slots === 'age' ? decisionInputs(own, madeDecisions(index, own), 'death') : [])],
        run: (inputs) => [multiState(inputs, { slots, backbone: 'mamba2' })],
        forward: { relative: 1e-4, absolute: 2e-5 },
        gradient: { relative: 1e-4, absolute: 1e-4 },
        differences: index < 3 && decay < 1 ? { elements: 4 } : false,
      };
    }),
  ),
);
