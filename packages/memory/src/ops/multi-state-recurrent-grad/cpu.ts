import { type CpuCall, type CpuValue, f32, i32 } from '@dla/core';
import { exp } from '../../math.js';
import type { MultiStateAttributes } from '../multi-state/contract.js';
import { type MultiStateViews, multiStateViews } from '../multi-state/cpu.js';
import { reverseCumulative } from '../multi-state-grad/cpu.js';
import { SlotMemory } from '../multi-state-recurrent/slot-memory.js';
import { SlotGradients } from './slot-gradients.js';

/** One head of one batch element. */
interface Lane {
  readonly batch: number;
  readonly head: number;
  readonly group: number;
}

/** Forward again for dq and dlambda, then backward over slot gradients for dk and dv; dg from q . dq - k . dk. */
export function multiStateRecurrentGradReference({ inputs, outputs, attributes }: CpuCall<MultiStateAttributes>): void {
  const [upstream, slots, scales, order, ...rest] = inputs as [CpuValue, CpuValue, CpuValue, CpuValue, ...CpuValue[]];
  const views = multiStateViews(rest);
  const { batch, heads, groups } = views;
  const pass = new Pass(views, f32(upstream));
  const finalOrder = new Int32Array(i32(order));
  const memory = new SlotMemory(attributes.slots, Float64Array.from(f32(slots)), Float64Array.from(f32(scales)), finalOrder, views);
  const backward = new SlotGradients(attributes.slots, finalOrder, views);
  for (let b = 0; b < batch; b++)
    for (let head = 0; head < heads; head++) {
      const lane = { batch: b, head, group: Math.floor((head * groups) / heads) };
      memory.attach(b * heads + head);
      pass.forward(lane, memory);
      backward.attach(b * heads + head);
      pass.backward(lane, backward);
    }
  f32(outputs[0]).set(pass.q);
  f32(outputs[1]).set(pass.k);
  f32(outputs[2]).set(pass.v);
  f32(outputs[3]).set(reverseCumulative(views, pass.decay));
  if (views.lambda !== null) f32(outputs[4]).set(pass.lambda);
}

class Pass {
  readonly q: Float64Array;
  readonly k: Float64Array;
  readonly v: Float64Array;
  readonly decay: Float64Array;
  readonly lambda: Float64Array;
  readonly #views: MultiStateViews;
  readonly #upstream: Float32Array;
  readonly #row: Float64Array;
  readonly #one: Float64Array;

  constructor(views: MultiStateViews, upstream: Float32Array) {
    this.#views = views;
    this.#upstream = upstream;
    this.q = new Float64Array(views.q.length);
    this.k = new Float64Array(views.k.length);
    this.v = new Float64Array(views.v.length);
    this.decay = new Float64Array(views.g.length);
    this.lambda = new Float64Array(views.lambda?.length ?? 0);
    this.#row = new Float64Array(views.keyWidth);
    this.#one = new Float64Array(views.valueWidth);
  }

  forward({ batch, head, group }: Lane, memory: SlotMemory): void {
    const { time, groups, heads, keyWidth, valueWidth, slots, q, k, v, g, lambda, opened, event } = this.#views;
    for (let t = 0; t < time; t++) {
      const token = (batch * time + t) * heads + head;
      const key = ((batch * time + t) * groups + group) * keyWidth;
      memory.write({ opened: opened[token] === 1, mergedAt: event[token] ?? -1 }, g[token] as number, k, key, v, token * valueWidth);
      this.#row.fill(0);
      for (let position = 0; position < memory.live; position++) {
        memory.readBack(
          position,
          lambda === null ? 1 : (lambda[token * slots + position] as number),
          this.#upstream,
          token * valueWidth,
          this.#row,
          0,
        );
        if (lambda === null) continue;
        memory.read(position, q, key, this.#one);
        let sum = 0;
        for (let j = 0; j < valueWidth; j++) sum += (this.#one[j] as number) * (this.#upstream[token * valueWidth + j] as number);
        this.lambda[token * slots + position] = sum;
      }
      this.decay[token] = addRow(this.#row, this.q, key, q);
    }
  }

  backward({ batch, head, group }: Lane, gradients: SlotGradients): void {
    const { time, groups, heads, keyWidth, valueWidth, slots, q, k, v, g, lambda, opened, event } = this.#views;
    for (let t = time - 1; t >= 0; t--) {
      const token = (batch * time + t) * heads + head;
      const key = ((batch * time + t) * groups + group) * keyWidth;
      for (let position = 0; position < gradients.live; position++)
        gradients.read(position, lambda === null ? 1 : (lambda[token * slots + position] as number), q, key, this.#upstream, token * valueWidth);
      gradients.written(k, key, v, token * valueWidth, this.#row, this.#one);
      this.decay[token] = (this.decay[token] as number) - addRow(this.#row, this.k, key, k);
      this.v.set(this.#one, token * valueWidth);
      gradients.undo({ opened: opened[token] === 1, mergedAt: event[token] ?? -1 }, exp(g[token] as number));
    }
  }
}

/** to[..] += row; returns row . input, both at `start`. */
function addRow(row: Float64Array, to: Float64Array, start: number, input: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) {
    const value = row[i] as number;
    to[start + i] = (to[start + i] as number) + value;
    sum += value * (input[start + i] as number);
  }
  return sum;
}
