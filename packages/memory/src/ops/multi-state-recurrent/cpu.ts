import { type CpuCall, type CpuValue, f32, i32 } from '@dla/core';
import type { MultiStateAttributes } from '../multi-state/contract.js';
import { multiStateViews } from '../multi-state/cpu.js';
import { SlotMemory } from './slot-memory.js';

/** Token by token; the state is float32, sums are float64. */
export function multiStateRecurrentReference({ inputs, outputs, attributes }: CpuCall<MultiStateAttributes>): void {
  inputs.slice(0, 3).forEach((state, index) => {
    const target = (outputs[index + 1] as CpuValue).data;
    if (target !== state.data) target.set(state.data);
  });
  const views = multiStateViews(inputs.slice(3));
  const { batch, time, groups, heads, keyWidth, valueWidth, slots, q, k, v, g, lambda, opened, event } = views;
  const o = f32(outputs[0]);
  const memory = new SlotMemory(attributes.slots, f32(outputs[1]), f32(outputs[2]), i32(outputs[3]), views);
  const row = new Float64Array(valueWidth);
  const one = new Float64Array(valueWidth);
  for (let b = 0; b < batch; b++)
    for (let head = 0; head < heads; head++) {
      const group = Math.floor((head * groups) / heads);
      memory.attach(b * heads + head);
      for (let t = 0; t < time; t++) {
        const token = (b * time + t) * heads + head;
        const key = ((b * time + t) * groups + group) * keyWidth;
        memory.write({ opened: opened[token] === 1, mergedAt: event[token] ?? -1 }, g[token] as number, k, key, v, token * valueWidth);
        row.fill(0);
        for (let position = 0; position < memory.live; position++) {
          memory.read(position, q, key, one);
          const weight = lambda === null ? 1 : (lambda[token * slots + position] as number);
          for (let j = 0; j < valueWidth; j++) row[j] = (row[j] as number) + weight * (one[j] as number);
        }
        o.set(row, token * valueWidth);
      }
    }
}
