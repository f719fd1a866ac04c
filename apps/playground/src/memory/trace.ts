import type { LayerTrace } from '../protocol.js';

/** Decisions of one head: one entry a token read. */
export interface HeadTrace {
  readonly score: Float32Array;
  readonly opened: Uint8Array;
  readonly mergedAt: Int32Array;
}

interface LayerStore {
  readonly heads: number;
  score: Float32Array;
  opened: Uint8Array;
  mergedAt: Int32Array;
}

/** Decisions of all layers and heads for one text, appended piece by piece. */
export class Trace {
  readonly #layers = new Map<number, LayerStore>();
  #length = 0;

  /** Tokens read so far. */
  get length(): number {
    return this.#length;
  }

  /** Add what every layer decided for the next `count` tokens. */
  push(count: number, layers: readonly (LayerTrace | undefined)[]): void {
    layers.forEach((made, layer) => {
      if (made === undefined) return;
      const store = this.#store(layer, made.heads, count);
      const offset = this.#length * made.heads;
      store.score.set(made.score, offset);
      store.opened.set(made.opened, offset);
      store.mergedAt.set(made.mergedAt, offset);
    });
    this.#length += count;
  }

  /** Decisions of one head for tokens [from, length); undefined if the layer's policy decides nothing. */
  head(layer: number, head: number, from = 0): HeadTrace | undefined {
    const store = this.#layers.get(layer);
    if (store === undefined) return undefined;
    const count = this.#length - from;
    const taken = { score: new Float32Array(count), opened: new Uint8Array(count), mergedAt: new Int32Array(count) };
    for (let index = 0; index < count; index++) {
      const at = (from + index) * store.heads + head;
      taken.score[index] = store.score[at] as number;
      taken.opened[index] = store.opened[at] as number;
      taken.mergedAt[index] = store.mergedAt[at] as number;
    }
    return taken;
  }

  #store(layer: number, heads: number, count: number): LayerStore {
    let store = this.#layers.get(layer);
    if (store === undefined) {
      store = { heads, score: new Float32Array(0), opened: new Uint8Array(0), mergedAt: new Int32Array(0) };
      this.#layers.set(layer, store);
    }
    const needed = (this.#length + count) * heads;
    if (store.score.length < needed) {
      const size = Math.max(needed, 2 * store.score.length, 256 * heads);
      const { score, opened, mergedAt } = store;
      store.score = new Float32Array(size);
      store.score.set(score);
      store.opened = new Uint8Array(size);
      store.opened.set(opened);
      store.mergedAt = new Int32Array(size);
      store.mergedAt.set(mergedAt);
    }
    return store;
  }
}
