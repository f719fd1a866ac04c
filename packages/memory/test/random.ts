import type { SlotSizes } from '../src/ops/multi-state/contract.js';
import { f32Value, type HostValue } from './run.js';

/** A small seeded generator for tests; uniform in [0, 1). */
export function uniform(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type StreamSizes = SlotSizes;

export interface StreamOptions {
  /** How much of a token repeats the one before, 0 (unrelated) to 1: higher means fewer boundaries. */
  readonly repeat?: number;
  /** g is uniform in [-decay, 0]. */
  readonly decay?: number;
  /** Share of tokens whose k is zero. */
  readonly zeros?: number;
}

export interface Stream {
  readonly q: HostValue;
  readonly k: HostValue;
  readonly v: HostValue;
  readonly g: HostValue;
  /** At least 0.3 apart from position to position. */
  readonly lambda: HostValue;
  readonly upstream: HostValue;
}

/** Seeded inputs of a call. */
export function randomStream(
  seed: number,
  { batch, time, groups, heads, keyWidth, valueWidth, slots }: StreamSizes,
  { repeat = 0.7, decay = 0.2, zeros = 0 }: StreamOptions = {},
): Stream {
  const next = uniform(seed);
  const normal = (): number => next() + next() + next() + next() + next() + next() - 3;
  const walk = (lanes: number, width: number): HostValue => {
    const data = new Float32Array(batch * time * lanes * width);
    for (let b = 0; b < batch; b++)
      for (let t = 0; t < time; t++)
        for (let lane = 0; lane < lanes; lane++) {
          const kept = t > 0 && next() < repeat;
          const blank = next() < zeros;
          for (let i = 0; i < width; i++) {
            const at = ((b * time + t) * lanes + lane) * width + i;
            const fresh = normal();
            data[at] = blank ? 0 : kept ? (data[at - lanes * width] as number) + 0.3 * fresh : fresh;
          }
        }
    return f32Value([batch, time, lanes, width], data);
  };
  const fill = (shape: number[], value: (index: number) => number): HostValue => {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    return f32Value(
      shape,
      Array.from({ length: size }, (_, index) => value(index)),
    );
  };
  return {
    q: fill([batch, time, groups, keyWidth], normal),
    k: walk(groups, keyWidth),
    v: walk(heads, valueWidth),
    g: fill([batch, time, heads], () => -decay * next()),
    lambda: fill([batch, time, heads, slots], (index) => 0.2 + 0.4 * ((index * 7) % slots) + 0.1 * next()),
    upstream: fill([batch, time, heads, valueWidth], normal),
  };
}
