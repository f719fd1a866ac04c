import type { SlotKind } from '../multi-state/contract.js';
import { carryTarget, type TokenEvent } from '../multi-state-recurrent/slot-memory.js';
import { ORDER_COUNT, ORDER_SLOTS, ORDER_TIME } from '../multi-state-recurrent/state.js';

/** d loss / d state of each slot of one head, walked backward from the final order: a merge in forward is a copy here. */
export class SlotGradients {
  readonly #kind: SlotKind;
  readonly #order: Int32Array;
  readonly #slots: number;
  readonly #keyWidth: number;
  readonly #valueWidth: number;
  readonly #cells: number;
  readonly #matrices: Float64Array;
  #row = 0;

  constructor(kind: SlotKind, order: Int32Array, sizes: { readonly slots: number; readonly keyWidth: number; readonly valueWidth: number }) {
    this.#kind = kind;
    this.#order = order;
    this.#slots = sizes.slots;
    this.#keyWidth = sizes.keyWidth;
    this.#valueWidth = sizes.valueWidth;
    this.#cells = sizes.keyWidth * sizes.valueWidth;
    this.#matrices = new Float64Array(sizes.slots * this.#cells);
  }

  /** Start at the end of head number `lane`; its row of `order` is rewound on the way. */
  attach(lane: number): void {
    this.#row = lane * (ORDER_SLOTS + this.#slots);
    this.#matrices.fill(0);
  }

  get live(): number {
    return this.#kind === 'age' ? (this.#order[this.#row + ORDER_COUNT] as number) : this.#slots;
  }

  #place(position: number): number {
    return this.#kind === 'age' ? (this.#order[this.#row + ORDER_SLOTS + this.live - 1 - position] as number) : position;
  }

  /** dS += weight q d^T for the slot at a position. */
  read(position: number, weight: number, q: Float32Array, qStart: number, d: Float32Array, dStart: number): void {
    const from = this.#place(position) * this.#cells;
    for (let i = 0; i < this.#keyWidth; i++) {
      const scaled = weight * (q[qStart + i] as number);
      for (let j = 0; j < this.#valueWidth; j++) {
        const cell = from + i * this.#valueWidth + j;
        this.#matrices[cell] = (this.#matrices[cell] as number) + scaled * (d[dStart + j] as number);
      }
    }
  }

  /** dk = dS v and dv = dS^T k of the token that was written to the open slot. */
  written(k: Float32Array, kStart: number, v: Float32Array, vStart: number, dk: Float64Array, dv: Float64Array): void {
    const from = this.#place(0) * this.#cells;
    dv.fill(0);
    for (let i = 0; i < this.#keyWidth; i++) {
      const key = k[kStart + i] as number;
      let sum = 0;
      for (let j = 0; j < this.#valueWidth; j++) {
        const value = this.#matrices[from + i * this.#valueWidth + j] as number;
        sum += value * (v[vStart + j] as number);
        dv[j] = (dv[j] as number) + value * key;
      }
      dk[i] = sum;
    }
  }

  /** Back over the token's decay, then over what it opened and merged. */
  undo({ opened, mergedAt }: TokenEvent, alpha: number): void {
    for (let cell = 0; cell < this.#matrices.length; cell++) this.#matrices[cell] = alpha * (this.#matrices[cell] as number);
    const order = this.#order;
    const now = (order[this.#row + ORDER_TIME] as number) - 1;
    order[this.#row + ORDER_TIME] = now;
    if (this.#kind === 'fenwick') {
      const target = carryTarget(now, this.#slots);
      for (let level = 0; level < target; level++) this.#copy(target, level);
    }
    if (this.#kind !== 'age' || !opened) return;
    const first = this.#row + ORDER_SLOTS;
    const count = order[this.#row + ORDER_COUNT] as number;
    if (mergedAt < 0) order[this.#row + ORDER_COUNT] = count - 1;
    else {
      const place = order[first + count - 1] as number;
      order.copyWithin(first + mergedAt + 2, first + mergedAt + 1, first + count - 1);
      order[first + mergedAt + 1] = place;
      this.#copy(order[first + mergedAt] as number, place);
    }
  }

  #copy(from: number, to: number): void {
    this.#matrices.copyWithin(to * this.#cells, from * this.#cells, (from + 1) * this.#cells);
  }
}
