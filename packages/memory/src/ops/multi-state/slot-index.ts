import { fenwickLevel, type SlotKind } from './contract.js';

/** The decisions of one head of one batch element; empty arrays where the slot kind needs none. */
export interface Decisions {
  readonly opened: Uint32Array;
  readonly death: Int32Array;
  /** Offset of time 0, and elements between times. */
  readonly offset: number;
  readonly stride: number;
}

/** Write slot_t(s), the index into lambda's last axis, to out[s] for every s <= t. */
export function slotsSeenFrom(kind: SlotKind, slots: number, t: number, { opened, death, offset, stride }: Decisions, out: Int32Array): void {
  if (kind === 'single') out.fill(0, 0, t + 1);
  else if (kind === 'fenwick') for (let s = 0; s <= t; s++) out[s] = Math.min(fenwickLevel(t, s), slots - 1);
  else {
    let age = 0;
    for (let s = t; s >= 0; s--) {
      out[s] = Math.min(age, slots - 1);
      const at = offset + s * stride;
      const died = death[at] as number;
      if (opened[at] === 1 && (died < 0 || died > t)) age++;
    }
  }
}
