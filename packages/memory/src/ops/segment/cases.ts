import { fill } from '@dla/core';
import type { OpCase } from '@dla/core/testing';
import { segment } from './op.js';
import { type SegmentAttributes, segmentStateSpecs } from './state.js';

const base: SegmentAttributes = { policy: 'dla', capacity: 4, tau: 0.6, merge: 'density', blockLength: 16 };

/** Attributes and lengths that every form is tried at: short of a chunk, whole chunks, one past a chunk. */
export const segmentSettings: readonly { readonly name: string; readonly attributes: SegmentAttributes; readonly time: number }[] = [
  { name: 'density T 1', attributes: base, time: 1 },
  { name: 'density T 63', attributes: base, time: 63 },
  { name: 'weakest T 129', attributes: { ...base, merge: 'weakest', capacity: 9 }, time: 129 },
  { name: 'oldest T 128', attributes: { ...base, merge: 'oldest', capacity: 30 }, time: 128 },
  { name: 'never opens T 200', attributes: { ...base, tau: 2.1 }, time: 200 },
  { name: 'always opens T 100', attributes: { ...base, tau: 0, capacity: 7 }, time: 100 },
  { name: 'one slot T 70', attributes: { ...base, capacity: 1 }, time: 70 },
  { name: 'rarely opens T 150', attributes: { ...base, tau: 1.35, capacity: 3 }, time: 150 },
  { name: 'fixed T 100', attributes: { ...base, policy: 'fixed', blockLength: 7, capacity: 5 }, time: 100 },
];

/** Scores and decisions from a zero state made in the graph; decisions are compared exactly. */
export const segmentCases: readonly OpCase[] = segmentSettings.map(({ name, attributes, time }, index) => ({
  name: `segment ${name}`,
  seed: 40 + index,
  inputs: [{ shape: [2, time, 1, 6] }, { shape: [2, time, 2, 5] }, { shape: [2, time, 2], low: -0.3, high: 0 }],
  run: ([k, v, g]) => {
    if (k === undefined || v === undefined || g === undefined) return [];
    const [keys, values, numbers, counters] = segmentStateSpecs(attributes, { batch: 2, groups: 1, heads: 2, keyWidth: 6, valueWidth: 5 }).map(
      ({ shape, dtype }) => fill(shape, 0, dtype),
    );
    if (keys === undefined || values === undefined || numbers === undefined || counters === undefined) return [];
    const { segmentation } = segment({ k, v, g, state: { keys, values, numbers, counters } }, attributes);
    return [segmentation.score, segmentation.opened, segmentation.mergedAt, segmentation.death, segmentation.gap];
  },
  forward: { relative: 1e-5, absolute: 1e-4 },
  gradient: null,
}));
