import { type CpuCall, type CpuValue, f32, i32, type TensorSpec, type WasmForm } from '@dla/core';
import { exp } from '../../math.js';
import type { MultiStateAttributes } from '../multi-state/contract.js';
import { multiStateViews } from '../multi-state/cpu.js';
import { reserveScratch, Scratch } from '../multi-state/wasm-scratch.js';
import { SlotMemory } from './slot-memory.js';

/**
 * Token by token like the reference, but all slots of all heads are read by one batched product a token: a row
 * lambda exp(scale) q of length M K times the head's slots seen as an (M K) x V matrix.
 */
export const multiStateRecurrentWasm: WasmForm = (runtime, step) => {
  const [slots] = step.inputs as readonly TensorSpec[] as [TensorSpec];
  const [batch, heads, capacity, keyWidth, valueWidth] = slots.shape as [number, number, number, number, number];
  const lanes = batch * heads;
  const depth = capacity * keyWidth;
  reserveScratch(runtime, lanes * (depth + valueWidth));
  return ({ inputs, outputs, attributes }: CpuCall<object>) => {
    const views = multiStateViews(inputs.slice(3));
    const scratch = new Scratch(runtime);
    const queries = scratch.take(lanes * depth);
    const result = scratch.take(lanes * valueWidth);
    const memory = new SlotMemory((attributes as MultiStateAttributes).slots, f32(outputs[1]), f32(outputs[2]), i32(outputs[3]), views);
    const { time, groups, q, k, v, g, lambda, opened, event } = views;
    for (let t = 0; t < time; t++) {
      for (let lane = 0; lane < lanes; lane++) {
        const b = Math.floor(lane / heads);
        const head = lane % heads;
        const token = (b * time + t) * heads + head;
        const key = ((b * time + t) * groups + Math.floor((head * groups) / heads)) * keyWidth;
        memory.attach(lane);
        memory.write({ opened: opened[token] === 1, mergedAt: event[token] ?? -1 }, g[token] as number, k, key, v, token * valueWidth);
        queries.data.fill(0, lane * depth, (lane + 1) * depth);
        for (let position = 0; position < memory.live; position++) {
          const weight = (lambda === null ? 1 : (lambda[token * capacity + position] as number)) * exp(memory.scale(position));
          const to = lane * depth + memory.place(position) * keyWidth;
          for (let i = 0; i < keyWidth; i++) queries.data[to + i] = weight * (q[key + i] as number);
        }
      }
      const matrices = (outputs[1] as CpuValue).pointer;
      const strides = { strideA: depth, strideB: depth * valueWidth, strideC: valueWidth, transposeA: false, transposeB: false };
      runtime.matmul({ ...strides, a: queries.pointer, b: matrices, c: result.pointer, batch: lanes, m: 1, n: valueWidth, k: depth });
      const o = f32(outputs[0]);
      for (let b = 0; b < batch; b++)
        o.set(result.data.subarray(b * heads * valueWidth, (b + 1) * heads * valueWidth), (b * time + t) * heads * valueWidth);
    }
  };
};
