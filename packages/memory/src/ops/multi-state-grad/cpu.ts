import { type CpuCall, f32 } from '@dla/core';
import { exp } from '../../math.js';
import type { MultiStateAttributes } from '../multi-state/contract.js';
import { cumulativeDecay, decisionsOf, dot, type MultiStateViews, multiStateViews } from '../multi-state/cpu.js';
import { slotsSeenFrom } from '../multi-state/slot-index.js';

/** Gradients in float64, rounded once at the end; named after the input they belong to. */
interface Sums {
  readonly q: Float64Array;
  readonly k: Float64Array;
  readonly v: Float64Array;
  /** d loss / d G_t. */
  readonly decay: Float64Array;
  readonly lambda: Float64Array;
}

/** The derivative of formula (1), one pair (t, s) after the other; derivation in README.md. */
export function multiStateGradReference({ inputs, outputs, attributes }: CpuCall<MultiStateAttributes>): void {
  const upstream = f32(inputs[0]);
  const views = multiStateViews(inputs.slice(1));
  const { batch, heads, q, k, v, g, lambda } = views;
  const sums: Sums = {
    q: new Float64Array(q.length),
    k: new Float64Array(k.length),
    v: new Float64Array(v.length),
    decay: new Float64Array(g.length),
    lambda: new Float64Array(lambda?.length ?? 0),
  };
  for (let b = 0; b < batch; b++) for (let head = 0; head < heads; head++) headGradient(views, attributes, upstream, b, head, sums);
  f32(outputs[0]).set(sums.q);
  f32(outputs[1]).set(sums.k);
  f32(outputs[2]).set(sums.v);
  f32(outputs[3]).set(reverseCumulative(views, sums.decay));
  if (lambda !== null) f32(outputs[4]).set(sums.lambda);
}

/** dg_t = sum_{u >= t} dG_u, in place; layout [B, T, H]. */
export function reverseCumulative({ batch, time, heads }: Pick<MultiStateViews, 'batch' | 'time' | 'heads'>, sums: Float64Array): Float64Array {
  for (let b = 0; b < batch; b++)
    for (let t = time - 2; t >= 0; t--)
      for (let head = 0; head < heads; head++) {
        const at = (b * time + t) * heads + head;
        sums[at] = (sums[at] as number) + (sums[at + heads] as number);
      }
  return sums;
}

function headGradient(
  views: MultiStateViews,
  { slots: kind }: MultiStateAttributes,
  upstream: Float32Array,
  b: number,
  head: number,
  sums: Sums,
): void {
  const { time, groups, heads, keyWidth, valueWidth, slots, q, k, v, lambda } = views;
  const group = Math.floor((head * groups) / heads);
  const decisions = decisionsOf(views, b, head);
  const decay = cumulativeDecay(views, b, head);
  const slotOf = new Int32Array(time);
  for (let t = 0; t < time; t++) {
    slotsSeenFrom(kind, slots, t, decisions, slotOf);
    const token = (b * time + t) * heads + head;
    const query = ((b * time + t) * groups + group) * keyWidth;
    for (let s = 0; s <= t; s++) {
      const past = (b * time + s) * heads + head;
      const key = ((b * time + s) * groups + group) * keyWidth;
      const cell = token * slots + (slotOf[s] as number);
      const weight = lambda === null ? 1 : (lambda[cell] as number);
      const faded = exp((decay[t] as number) - (decay[s] as number));
      const p = dot(q, query, k, key, keyWidth) * faded;
      const dWeighted = dot(upstream, token * valueWidth, v, past * valueWidth, valueWidth);
      const dp = weight * dWeighted;
      if (lambda !== null) sums.lambda[cell] = (sums.lambda[cell] as number) + p * dWeighted;
      addScaled(sums.v, past * valueWidth, upstream, token * valueWidth, weight * p, valueWidth);
      addScaled(sums.q, query, k, key, dp * faded, keyWidth);
      addScaled(sums.k, key, q, query, dp * faded, keyWidth);
      sums.decay[token] = (sums.decay[token] as number) + dp * p;
      sums.decay[past] = (sums.decay[past] as number) - dp * p;
    }
  }
}

/** to[..] += scale from[..] */
function addScaled(to: Float64Array, at: number, from: Float32Array, start: number, scale: number, width: number): void {
  for (let i = 0; i < width; i++) to[at + i] = (to[at + i] as number) + scale * (from[start + i] as number);
}
