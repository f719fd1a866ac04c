import type { MergeRule, SegmentAttributes, SegmentLayout } from './state.js';

/** The slots of one head: sizes n, score sums E, opening scores, starts; oldest first, stored in the op's state rows. */
export class SlotTable {
  readonly #numbers: Float32Array;
  readonly #counters: Int32Array;
  readonly #layout: SegmentLayout;
  readonly #capacity: number;
  readonly #rule: MergeRule;
  /** Keys of the pairs, kept as the table changes. */
  readonly #keys: Float32Array;
  #f = 0;
  #i = 0;
  /** Least key to second least of the last {@link leastPair}; infinite where there was one pair, or the rule has no keys. */
  pairGap = Infinity;

  constructor(numbers: Float32Array, counters: Int32Array, layout: SegmentLayout, { capacity, merge, policy }: SegmentAttributes) {
    this.#numbers = numbers;
    this.#counters = counters;
    this.#layout = layout;
    this.#capacity = capacity;
    this.#rule = policy === 'fixed' ? 'oldest' : merge;
    this.#keys = new Float32Array(capacity);
  }

  /** Work on the head whose rows start at these offsets. */
  attach(numbersOffset: number, countersOffset: number): void {
    this.#f = numbersOffset;
    this.#i = countersOffset;
    for (let pair = 0; pair < this.count - 1; pair++) this.#keys[pair] = this.#key(pair);
  }

  /** Tokens of the document before this one. */
  get now(): number {
    return this.#counters[this.#i + this.#layout.time] as number;
  }

  get count(): number {
    return this.#counters[this.#i + this.#layout.count] as number;
  }

  get full(): boolean {
    return this.count === this.#capacity;
  }

  /** Absolute time of the open slot's first token. */
  get openStart(): number {
    return this.#counters[this.#i + this.#layout.starts + this.count - 1] as number;
  }

  tick(): void {
    const at = this.#i + this.#layout.time;
    this.#counters[at] = (this.#counters[at] as number) + 1;
  }

  /** Index of the older slot of the pair with the least key, ties to the oldest; -1 where there is no pair. */
  leastPair(): number {
    const pairs = this.count - 1;
    this.pairGap = Infinity;
    if (pairs < 1) return -1;
    if (this.#rule === 'oldest') return 0;
    const keys = this.#keys;
    let best = 0;
    let least = keys[0] as number;
    let second = Infinity;
    for (let pair = 1; pair < pairs; pair++) {
      const key = keys[pair] as number;
      if (key >= second) continue;
      if (key < least) {
        second = least;
        least = key;
        best = pair;
      } else second = key;
    }
    this.pairGap = second - least;
    return best;
  }

  /** Formula (3) for `density`, the younger slot's opening score for `weakest`; float32, so that equal keys tie everywhere. */
  #key(pair: number): number {
    const { scores, openings, sizes } = this.#layout;
    const numbers = this.#numbers;
    if (this.#rule === 'weakest') return numbers[this.#f + openings + pair + 1] as number;
    const e = this.#f + scores + pair;
    const n = this.#i + sizes + pair;
    return Math.fround(
      Math.fround((numbers[e] as number) + (numbers[e + 1] as number)) / ((this.#counters[n] as number) + (this.#counters[n + 1] as number)),
    );
  }

  /** Merge slots `pair` and `pair + 1`; returns the absolute time of the boundary that goes. */
  merge(pair: number): number {
    const { scores, openings, sizes, starts, count } = this.#layout;
    const numbers = this.#numbers;
    const counters = this.#counters;
    const slots = this.count;
    const boundary = counters[this.#i + starts + pair + 1] as number;
    numbers[this.#f + scores + pair] = (numbers[this.#f + scores + pair] as number) + (numbers[this.#f + scores + pair + 1] as number);
    counters[this.#i + sizes + pair] = (counters[this.#i + sizes + pair] as number) + (counters[this.#i + sizes + pair + 1] as number);
    for (let slot = pair + 1; slot + 1 < slots; slot++) {
      numbers[this.#f + scores + slot] = numbers[this.#f + scores + slot + 1] as number;
      numbers[this.#f + openings + slot] = numbers[this.#f + openings + slot + 1] as number;
      counters[this.#i + sizes + slot] = counters[this.#i + sizes + slot + 1] as number;
      counters[this.#i + starts + slot] = counters[this.#i + starts + slot + 1] as number;
      this.#keys[slot] = this.#keys[slot + 1] as number;
    }
    counters[this.#i + count] = slots - 1;
    if (pair > 0) this.#keys[pair - 1] = this.#key(pair - 1);
    if (pair + 2 < slots) this.#keys[pair] = this.#key(pair);
    return boundary;
  }

  open(score: number): void {
    const { scores, openings, sizes, starts, count } = this.#layout;
    const slot = this.count;
    this.#numbers[this.#f + scores + slot] = score;
    this.#numbers[this.#f + openings + slot] = score;
    this.#counters[this.#i + sizes + slot] = 1;
    this.#counters[this.#i + starts + slot] = this.now;
    this.#counters[this.#i + count] = slot + 1;
    if (slot > 0) this.#keys[slot - 1] = this.#key(slot - 1);
  }

  join(score: number): void {
    const { scores, sizes } = this.#layout;
    const open = this.count - 1;
    const e = this.#f + scores + open;
    const n = this.#i + sizes + open;
    this.#numbers[e] = (this.#numbers[e] as number) + score;
    this.#counters[n] = (this.#counters[n] as number) + 1;
    if (open > 0) this.#keys[open - 1] = this.#key(open - 1);
  }
}
