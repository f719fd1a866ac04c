import { recurrentStateSpecs } from '../src/ops/multi-state-recurrent/state.js';
import { segmentOp } from '../src/ops/segment/op.js';
import type { SegmentAttributes } from '../src/ops/segment/state.js';
import { segmentStateSpecs } from '../src/ops/segment/state.js';
import { type HostValue, runOp, zerosOf } from './run.js';

export interface SegmentRun {
  readonly score: HostValue;
  readonly opened: HostValue;
  readonly mergedAt: HostValue;
  readonly death: HostValue;
  readonly gap: HostValue;
  readonly state: readonly HostValue[];
}

export const DLA: SegmentAttributes = { policy: 'dla', capacity: 30, tau: 0.6, merge: 'density', blockLength: 16 };

/** Sizes of a call from k and v. */
export function sizesOf(
  k: HostValue,
  v: HostValue,
): { batch: number; time: number; groups: number; heads: number; keyWidth: number; valueWidth: number } {
  const [batch, time, groups, keyWidth] = k.shape as [number, number, number, number];
  return { batch, time, groups, keyWidth, heads: v.shape[2] as number, valueWidth: v.shape[3] as number };
}

/** `segment` on host arrays, from zeros or from a state. */
export function runSegment(k: HostValue, v: HostValue, g: HostValue, attributes: SegmentAttributes, state?: readonly HostValue[]): SegmentRun {
  const start = state ?? segmentStateSpecs(attributes, sizesOf(k, v)).map(zerosOf);
  const [score, opened, mergedAt, death, gap, ...after] = runOp(segmentOp, [k, v, g, ...start], attributes) as [
    HostValue,
    HostValue,
    HostValue,
    HostValue,
    HostValue,
    ...HostValue[],
  ];
  return { score, opened, mergedAt, death, gap, state: after };
}

export function zeroSlots(k: HostValue, v: HostValue, slots: number): HostValue[] {
  return recurrentStateSpecs(sizesOf(k, v), slots).map(zerosOf);
}
