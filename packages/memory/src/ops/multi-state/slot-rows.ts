import type { SlotKind } from './contract.js';
import type { Decisions } from './slot-index.js';

/**
 * slot_t(s) for the tokens s of [from, to), walked forward in t: after `seek(t)`, `slotOf[s - from]` is the slot of every
 * s <= t. Opening a slot and merging two shift the ages of a range of tokens by one, so a row costs less than reading it.
 * Ages are not clamped to the last slot here: rows of lambda are extended instead, see `live`.
 */
export class SlotRows {
  readonly slotOf: Int32Array;
  /** One more than the largest slot in use. */
  live = 1;
  readonly #kind: SlotKind;
  #from = 0;
  #to = 0;
  /** Boundaries by the time they die: first of the list, and next in it. */
  readonly #dying: Int32Array;
  readonly #nextDying: Int32Array;
  #decisions: Decisions | null = null;

  constructor(kind: SlotKind, time: number) {
    const decided = kind === 'age' ? time : 0;
    this.#kind = kind;
    this.slotOf = new Int32Array(time);
    this.#dying = new Int32Array(decided);
    this.#nextDying = new Int32Array(decided);
  }

  /** Take one head's decisions, then walk the tokens [from, to): `seek` follows for t = from, from + 1, .. */
  begin(decisions: Decisions, from: number, to: number): void {
    this.#decisions = decisions;
    this.#from = from;
    this.#to = to;
    this.live = 1;
    this.slotOf.fill(0);
    if (this.#kind !== 'age') return;
    const { death, offset, stride } = decisions;
    this.#dying.fill(-1);
    for (let p = 0; p < this.#dying.length; p++) {
      const died = death[offset + p * stride] as number;
      if (died < 0 || died >= this.#dying.length) continue;
      this.#nextDying[p] = this.#dying[died] as number;
      this.#dying[died] = p;
    }
  }

  /** Bring `slotOf` to time t. */
  seek(t: number): void {
    if (this.#kind === 'age') this.#ages(t);
    else if (this.#kind === 'fenwick') this.#levels(t);
  }

  #ages(t: number): void {
    const { opened, offset, stride } = this.#decisions as Decisions;
    const end = Math.min(t, this.#to) - this.#from;
    let died = this.#dying[t] as number;
    if (opened[offset + t * stride] === 1) {
      // One boundary in, usually one out: together a shift of what lies between.
      const start = Math.max(0, died - this.#from);
      for (let s = start; s < end; s++) this.slotOf[s] = (this.slotOf[s] as number) + 1;
      died = died < 0 ? -1 : (this.#nextDying[died] as number);
    }
    for (; died >= 0; died = this.#nextDying[died] as number) {
      const stop = Math.min(end, died - this.#from);
      for (let s = 0; s < stop; s++) this.slotOf[s] = (this.slotOf[s] as number) - 1;
    }
    this.live = Math.max(this.live, end > 0 ? (this.slotOf[0] as number) + 1 : 1);
  }

  /** Tokens whose highest bit that differs from t is h are neighbours: level h + 1. */
  #levels(t: number): void {
    const end = Math.min(t, this.#to - 1);
    for (let s = this.#from; s <= end; ) {
      const high = 31 - Math.clz32(t ^ s);
      const next = s === t ? t + 1 : Math.min(end + 1, ((s >>> high) + 1) << high);
      this.slotOf.fill(high + 1, s - this.#from, next - this.#from);
      s = next;
    }
    this.live = Math.max(this.live, (this.slotOf[0] as number) + 1);
  }
}

/** Row `token` of lambda as float64, extended by its last element up to `live` slots. */
export function loadRow(lambda: Float32Array | null, token: number, slots: number, live: number, row: Float64Array): void {
  if (lambda === null) {
    row.fill(1, 0, live);
    return;
  }
  const [own, from] = [Math.min(live, slots), token * slots];
  for (let slot = 0; slot < own; slot++) row[slot] = lambda[from + slot] as number;
  if (live > slots) row.fill(row[slots - 1] as number, slots, live);
}
