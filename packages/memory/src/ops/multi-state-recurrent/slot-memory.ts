import { exp } from '../../math.js';
import type { SlotKind } from '../multi-state/contract.js';
import { ORDER_COUNT, ORDER_SLOTS, ORDER_TIME } from './state.js';

type Floats = Float32Array | Float64Array;

/** What one token does to one head's memory. */
export interface TokenEvent {
  readonly opened: boolean;
  /** See `segment`: index of the merged pair, or negative. */
  readonly mergedAt: number;
}

/** The slots of one head: K x V matrices at fixed places, a lazy log-scale each, and their order. See {@link recurrentStateSpecs}. */
export class SlotMemory {
  readonly #kind: SlotKind;
  readonly #matrices: Floats;
  readonly #scales: Floats;
  readonly #order: Int32Array;
  readonly #slots: number;
  readonly #keyWidth: number;
  readonly #valueWidth: number;
  readonly #cells: number;
  #matrix = 0;
  #scale = 0;
  #row = 0;

  constructor(
    kind: SlotKind,
    matrices: Floats,
    scales: Floats,
    order: Int32Array,
    sizes: { readonly slots: number; readonly keyWidth: number; readonly valueWidth: number },
  ) {
    this.#kind = kind;
    this.#matrices = matrices;
    this.#scales = scales;
    this.#order = order;
    this.#slots = sizes.slots;
    this.#keyWidth = sizes.keyWidth;
    this.#valueWidth = sizes.valueWidth;
    this.#cells = sizes.keyWidth * sizes.valueWidth;
  }

  /** Work on head number `lane` (batch-major). */
  attach(lane: number): void {
    this.#matrix = lane * this.#slots * this.#cells;
    this.#scale = lane * this.#slots;
    this.#row = lane * (ORDER_SLOTS + this.#slots);
  }

  /** How many positions of lambda have a slot. */
  get live(): number {
    return this.#kind === 'age' ? (this.#order[this.#row + ORDER_COUNT] as number) : this.#slots;
  }

  /** The place of the slot that position `position` of lambda weighs. */
  place(position: number): number {
    return this.#kind === 'age' ? (this.#order[this.#row + ORDER_SLOTS + this.live - 1 - position] as number) : position;
  }

  /** Log-scale of the slot at a position. */
  scale(position: number): number {
    return this.#scales[this.#scale + this.place(position)] as number;
  }

  get now(): number {
    return this.#order[this.#row + ORDER_TIME] as number;
  }

  /** Merge and open as the token asks, decay everything by exp(g), write k v^T to the open slot. */
  write(event: TokenEvent, g: number, k: Floats, kStart: number, v: Floats, vStart: number): void {
    if (this.#kind === 'age') this.#arrange(event);
    if (this.#kind === 'fenwick') this.#carry();
    const open = this.place(0);
    for (let position = 1; position < this.live; position++) {
      const at = this.#scale + this.place(position);
      this.#scales[at] = (this.#scales[at] as number) + g;
    }
    const alpha = exp(g);
    const from = this.#matrix + open * this.#cells;
    for (let i = 0; i < this.#keyWidth; i++) {
      const key = k[kStart + i] as number;
      for (let j = 0; j < this.#valueWidth; j++) {
        const cell = from + i * this.#valueWidth + j;
        this.#matrices[cell] = alpha * (this.#matrices[cell] as number) + key * (v[vStart + j] as number);
      }
    }
    this.#order[this.#row + ORDER_TIME] = this.now + 1;
  }

  /** S_j^T q of the slot at a position, into out [V]. */
  read(position: number, q: Floats, qStart: number, out: Float64Array): void {
    const place = this.place(position);
    const scale = exp(this.#scales[this.#scale + place] as number);
    const from = this.#matrix + place * this.#cells;
    out.fill(0);
    if (scale === 0) return;
    for (let i = 0; i < this.#keyWidth; i++) {
      const query = scale * (q[qStart + i] as number);
      for (let j = 0; j < this.#valueWidth; j++) out[j] = (out[j] as number) + query * (this.#matrices[from + i * this.#valueWidth + j] as number);
    }
  }

  /** to[..] += weight S_j d, with d [V] and to [K]. */
  readBack(position: number, weight: number, d: Floats, dStart: number, to: Float64Array, toStart: number): void {
    const place = this.place(position);
    const scale = weight * exp(this.#scales[this.#scale + place] as number);
    const from = this.#matrix + place * this.#cells;
    for (let i = 0; i < this.#keyWidth; i++) {
      let sum = 0;
      for (let j = 0; j < this.#valueWidth; j++) sum += (this.#matrices[from + i * this.#valueWidth + j] as number) * (d[dStart + j] as number);
      to[toStart + i] = (to[toStart + i] as number) + scale * sum;
    }
  }

  #arrange({ opened, mergedAt }: TokenEvent): void {
    if (!opened) return;
    const order = this.#order;
    const first = this.#row + ORDER_SLOTS;
    const count = order[this.#row + ORDER_COUNT] as number;
    let place = count;
    if (mergedAt >= 0) {
      place = order[first + mergedAt + 1] as number;
      this.#add(order[first + mergedAt] as number, place);
      order.copyWithin(first + mergedAt + 1, first + mergedAt + 2, first + count);
      order[first + count - 1] = place;
    } else {
      order[first + count] = place;
      order[this.#row + ORDER_COUNT] = count + 1;
    }
    this.#clear(place);
  }

  /** Fenwick carry before token t: all levels up to the lowest set bit of t move up one level past it. */
  #carry(): void {
    const target = carryTarget(this.now, this.#slots);
    for (let level = 0; level < target; level++) {
      this.#add(target, level);
      this.#clear(level);
    }
  }

  /** The slot at `to` takes over the content of the slot at `from`. */
  #add(to: number, from: number): void {
    const toScale = exp(this.#scales[this.#scale + to] as number);
    const fromScale = exp(this.#scales[this.#scale + from] as number);
    const a = this.#matrix + to * this.#cells;
    const b = this.#matrix + from * this.#cells;
    for (let cell = 0; cell < this.#cells; cell++)
      this.#matrices[a + cell] = toScale * (this.#matrices[a + cell] as number) + fromScale * (this.#matrices[b + cell] as number);
    this.#scales[this.#scale + to] = 0;
  }

  #clear(place: number): void {
    this.#matrices.fill(0, this.#matrix + place * this.#cells, this.#matrix + (place + 1) * this.#cells);
    this.#scales[this.#scale + place] = 0;
  }
}

/** The level that levels 0 .. target - 1 move into before token t (0-based); 0 where nothing moves. */
export function carryTarget(t: number, levels: number): number {
  return t === 0 ? 0 : Math.min(32 - Math.clz32(t & -t), levels - 1);
}
