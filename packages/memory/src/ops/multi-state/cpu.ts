import { type CpuCall, type CpuValue, f32, i32, u32 } from '@dla/core';
import { exp } from '../../math.js';
import type { MultiStateAttributes, SlotSizes } from './contract.js';
import { type Decisions, slotsSeenFrom } from './slot-index.js';

const NONE_OPENED = new Uint32Array(0);
const NONE_DIED = new Int32Array(0);

/** The views and sizes of a call, `inputs` being q, k, v, g, lambda?, opened?, death?. */
export interface MultiStateViews extends SlotSizes {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly g: Float32Array;
  /** Null for lambda = 1. */
  readonly lambda: Float32Array | null;
  readonly opened: Uint32Array;
  /** `death` of the parallel form, `mergedAt` of the recurrent one. */
  readonly event: Int32Array;
}

export function multiStateViews(inputs: readonly CpuValue[]): MultiStateViews {
  const [q, k, v, g, lambda, opened, event] = inputs as [CpuValue, CpuValue, CpuValue, CpuValue, CpuValue?, CpuValue?, CpuValue?];
  const [batch, time, groups, keyWidth] = k.shape as [number, number, number, number];
  return {
    batch,
    time,
    groups,
    heads: v.shape[2] as number,
    keyWidth,
    valueWidth: v.shape[3] as number,
    slots: lambda?.shape[3] ?? 1,
    q: f32(q),
    k: f32(k),
    v: f32(v),
    g: f32(g),
    lambda: lambda === undefined ? null : f32(lambda),
    opened: opened === undefined ? NONE_OPENED : u32(opened),
    event: event === undefined ? NONE_DIED : i32(event),
  };
}

export function decisionsOf({ opened, event, time, heads }: MultiStateViews, batch: number, head: number): Decisions {
  return { opened, death: event, offset: batch * time * heads + head, stride: heads };
}

/** G_t = g_1 + .. + g_t of one head, in float64. */
export function cumulativeDecay({ g, time, heads }: MultiStateViews, batch: number, head: number): Float64Array {
  const sums = new Float64Array(time);
  let sum = 0;
  for (let t = 0; t < time; t++) {
    sum += g[(batch * time + t) * heads + head] as number;
    sums[t] = sum;
  }
  return sums;
}

/** Formula (1), one pair (t, s) after the other. */
export function multiStateReference({ inputs, outputs, attributes }: CpuCall<MultiStateAttributes>): void {
  const views = multiStateViews(inputs);
  const { batch, time, groups, heads, keyWidth, valueWidth, slots, q, k, v, lambda } = views;
  const o = f32(outputs[0]);
  const slotOf = new Int32Array(time);
  const row = new Float64Array(valueWidth);
  for (let b = 0; b < batch; b++)
    for (let head = 0; head < heads; head++) {
      const group = Math.floor((head * groups) / heads);
      const decisions = decisionsOf(views, b, head);
      const decay = cumulativeDecay(views, b, head);
      for (let t = 0; t < time; t++) {
        slotsSeenFrom(attributes.slots, slots, t, decisions, slotOf);
        const token = (b * time + t) * heads + head;
        row.fill(0);
        for (let s = 0; s <= t; s++) {
          const weight = lambda === null ? 1 : (lambda[token * slots + (slotOf[s] as number)] as number);
          const read = dot(q, ((b * time + t) * groups + group) * keyWidth, k, ((b * time + s) * groups + group) * keyWidth, keyWidth);
          const p = weight * read * exp((decay[t] as number) - (decay[s] as number));
          const value = ((b * time + s) * heads + head) * valueWidth;
          for (let j = 0; j < valueWidth; j++) row[j] = (row[j] as number) + p * (v[value + j] as number);
        }
        o.set(row, token * valueWidth);
      }
    }
}

/** Dot product of two rows, in float64. */
export function dot(a: Float32Array, aStart: number, b: Float32Array, bStart: number, width: number): number {
  let sum = 0;
  for (let i = 0; i < width; i++) sum += (a[aStart + i] as number) * (b[bStart + i] as number);
  return sum;
}
