import { createStream, type Tensor, tensor } from '@dla/core';
import type { CaseSizes } from '../ops/multi-state/cases.js';

export interface InputSizes extends CaseSizes {
  /** Log-decay of every head at a time; default uniform in [-0.3, 0]. */
  readonly decay?: (time: number) => number;
}

/** Seeded inputs of a multi-state call; keys and values repeat in runs, so that some tokens join the open slot, and lambda is spread over [0.2, 2). */
export function memoryInputs(sizes: InputSizes, seed: number): { q: Tensor; k: Tensor; v: Tensor; g: Tensor; lambda: Tensor } {
  const { batch, time, groups, heads, keyWidth, valueWidth, slots, decay } = sizes;
  const stream = createStream(seed, 'memory inputs');
  const runs = createStream(seed, 'runs');
  const repeating = (rows: number, width: number): Float32Array => {
    const data = stream.normal(batch * time * rows * width);
    const perToken = rows * width;
    for (let token = 1; token < batch * time; token++)
      if (runs.next() < 0.4)
        for (let i = 0; i < perToken; i++)
          data[token * perToken + i] = 0.9 * (data[(token - 1) * perToken + i] as number) + 0.1 * (data[token * perToken + i] as number);
    return data;
  };
  const q = stream.normal(batch * time * groups * keyWidth);
  const k = repeating(groups, keyWidth);
  const v = repeating(heads, valueWidth);
  const count = batch * time * heads;
  const decays =
    decay === undefined ? stream.uniform(count, -0.3, 0) : Float32Array.from({ length: count }, (_, i) => decay(Math.floor(i / heads) % time));
  return {
    q: tensor(q, { shape: [batch, time, groups, keyWidth] }),
    k: tensor(k, { shape: [batch, time, groups, keyWidth] }),
    v: tensor(v, { shape: [batch, time, heads, valueWidth] }),
    g: tensor(decays, { shape: [batch, time, heads] }),
    lambda: tensor(stream.uniform(batch * time * heads * slots, 0.2, 2), { shape: [batch, time, heads, slots] }),
  };
}

/** Odd sizes that every device is tried at. */
export const paritySizes: readonly InputSizes[] = [
  { batch: 1, time: 1, groups: 1, heads: 1, keyWidth: 1, valueWidth: 1, slots: 1 },
  { batch: 2, time: 17, groups: 1, heads: 2, keyWidth: 4, valueWidth: 6, slots: 3 },
  { batch: 1, time: 63, groups: 2, heads: 4, keyWidth: 5, valueWidth: 7, slots: 4 },
  { batch: 1, time: 100, groups: 1, heads: 2, keyWidth: 18, valueWidth: 33, slots: 12 },
  { batch: 1, time: 129, groups: 3, heads: 3, keyWidth: 7, valueWidth: 9, slots: 30 },
];
