import { DlaError } from './errors.js';
import { cos, log } from './math.js';

type Four = readonly [number, number, number, number];

/**
 * One block of Philox-4x32-10 (Salmon et al., SC 2011): four random words from a counter and a key, all u32.
 */
export function philox4x32(counter: Four, key: readonly [number, number]): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const low0 = Math.imul(c0, 0xd2511f53) >>> 0;
    const low1 = Math.imul(c2, 0xcd9e8d57) >>> 0;
    const high0 = multiplyHigh(c0, 0xd2511f53);
    const high1 = multiplyHigh(c2, 0xcd9e8d57);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c1 = low1;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle % 0x10000);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0;
}

/** A 64-bit key of two words from a seed and a name: the name's UTF-16 units are absorbed into Philox blocks. */
export function streamKey(seed: number, name = ''): [number, number] {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new DlaError('argument', 'a seed must be a non-negative safe integer', { where: 'random', found: String(seed) });
  let key: [number, number] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  for (let index = 0; index < name.length; index++) {
    const [a, b] = philox4x32([name.charCodeAt(index), index, name.length, 0x646c61], key);
    key = [a, b];
  }
  return key;
}

export interface RandomState {
  readonly seed: number;
  readonly name: string;
  /** Words drawn so far. */
  readonly position: number;
}

/**
 * A stream of random numbers that is a pure function of seed, name and position. Word i of a stream is lane i mod 4 of the
 * block with counter floor(i / 4) (low word first), so any device can compute any word by itself; `random-bits` does.
 */
export class RandomStream {
  readonly #seed: number;
  readonly #name: string;
  readonly #key: [number, number];
  #position: number;
  #block: Four = [0, 0, 0, 0];
  #blockIndex = -1;

  constructor(seed: number, name = '', position = 0) {
    this.#seed = seed;
    this.#name = name;
    this.#key = streamKey(seed, name);
    if (!Number.isSafeInteger(position) || position < 0)
      throw new DlaError('argument', 'a position must be a non-negative safe integer', { where: 'random', found: String(position) });
    this.#position = position;
  }

  get key(): readonly [number, number] {
    return this.#key;
  }

  /** Everything needed to go on from here; plain JSON. */
  state(): RandomState {
    return { seed: this.#seed, name: this.#name, position: this.#position };
  }

  /** The next word, u32. */
  nextBits(): number {
    const block = Math.floor(this.#position / 4);
    if (block !== this.#blockIndex) {
      this.#block = philox4x32([block >>> 0, Math.floor(block / 2 ** 32) >>> 0, 0, 0], this.#key);
      this.#blockIndex = block;
    }
    const word = this.#block[this.#position % 4] as number;
    this.#position++;
    return word;
  }

  /** The next number, uniform in [0, 1) with 24 random bits: exact in float32. */
  next(): number {
    return (this.nextBits() >>> 8) * 2 ** -24;
  }

  bits(count: number): Uint32Array {
    return Uint32Array.from({ length: count }, () => this.nextBits());
  }

  /** f32 numbers uniform in [low, high): those that rounding would lift to `high` become `low`. */
  uniform(count: number, low = 0, high = 1): Float32Array {
    return Float32Array.from({ length: count }, () => {
      const value = Math.fround(low + (high - low) * this.next());
      return value < high ? value : low;
    });
  }

  /** Box-Muller; two words a number. */
  normal(count: number, mean = 0, std = 1): Float32Array {
    return Float32Array.from({ length: count }, () => {
      const radius = Math.sqrt(-2 * log(1 - this.next()));
      return mean + std * radius * cos(2 * Math.PI * this.next());
    });
  }

  /** One integer in [0, below), unbiased (words past the largest multiple are drawn again). */
  integer(below: number): number {
    if (!Number.isInteger(below) || below < 1 || below > 2 ** 32)
      throw new DlaError('argument', 'the bound must be an integer in [1, 2^32]', { where: 'random', found: String(below) });
    const limit = 2 ** 32 - (2 ** 32 % below);
    for (;;) {
      const word = this.nextBits();
      if (word < limit) return word % below;
    }
  }

  integers(count: number, below: number): Uint32Array {
    return Uint32Array.from({ length: count }, () => this.integer(below));
  }

  /** Fisher-Yates, in place. */
  shuffle<T extends { [index: number]: unknown; readonly length: number }>(items: T): T {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const kept = items[last];
      (items as { [index: number]: unknown })[last] = items[other];
      (items as { [index: number]: unknown })[other] = kept;
    }
    return items;
  }
}

/** The stream of a seed with a name of its own: adding a stream never shifts another. */
export function createStream(seed: number, name = ''): RandomStream {
  return new RandomStream(seed, name);
}

/** Go on from a saved {@link RandomStream.state}. */
export function restoreStream(state: RandomState): RandomStream {
  return new RandomStream(state.seed, state.name, state.position);
}
