import { DlaError } from '@dla/core';

/** Tokens [start, end) of one slot. */
export interface TokenRange {
  readonly start: number;
  readonly end: number;
}

export type MergeLogEvent =
  /** The token opened a slot. */
  | { readonly kind: 'open'; readonly time: number }
  /** Before the token opened its slot, `older` and `younger` became one slot at place `index` (oldest = 0). */
  | { readonly kind: 'merge'; readonly time: number; readonly index: number; readonly older: TokenRange; readonly younger: TokenRange }
  /** The token asked for a slot, but no pair may merge: it joined the open one. */
  | { readonly kind: 'held'; readonly time: number };

/** The history of one head's slots, from `opened` and `mergedAt` of `segment`. Grows with the stream: it is for people, not for decoding. */
export class MergeLog {
  readonly events: MergeLogEvent[] = [];
  #time = 0;
  #merges = 0;
  #starts: number[] = [];
  /** Every boundary in order of birth, and when it was merged away. */
  readonly #births: number[] = [];
  readonly #deaths = new Map<number, number>();

  /** Tokens recorded. */
  get time(): number {
    return this.#time;
  }

  get merges(): number {
    return this.#merges;
  }

  get opened(): number {
    return this.#births.length;
  }

  /** Record the next token. */
  append(opened: boolean, mergedAt: number): void {
    const time = this.#time++;
    if (mergedAt === -2) this.events.push({ kind: 'held', time });
    if (!opened) return;
    if (mergedAt >= 0) this.#merge(time, mergedAt);
    this.events.push({ kind: 'open', time });
    this.#starts.push(time);
    this.#births.push(time);
  }

  #merge(time: number, index: number): void {
    const [start, middle] = [this.#starts[index], this.#starts[index + 1]];
    if (start === undefined || middle === undefined)
      throw new DlaError('argument', `the merge at token ${time} names no pair`, {
        where: 'merge log',
        expected: `an index below ${this.#starts.length - 1}`,
        found: String(index),
      });
    this.events.push({ kind: 'merge', time, index, older: { start, end: middle }, younger: { start: middle, end: this.#starts[index + 2] ?? time } });
    this.#starts.splice(index + 1, 1);
    this.#deaths.set(middle, time);
    this.#merges++;
  }

  /** The slots after token `time`, oldest first; they partition [0, time]. */
  slotsAt(time: number): TokenRange[] {
    if (!Number.isInteger(time) || time < 0 || time >= this.#time)
      throw new DlaError('argument', 'no such token', { where: 'merge log', expected: `a time in [0, ${this.#time})`, found: String(time) });
    const starts = this.#births.filter((birth) => birth <= time && (this.#deaths.get(birth) ?? Infinity) > time);
    return starts.map((start, index) => ({ start, end: starts[index + 1] ?? time + 1 }));
  }
}

/** Index of head `head` of batch element `batch` in what {@link mergeLogs} returns. */
export function logIndex(batch: number, head: number, heads: number): number {
  return batch * heads + head;
}

/**
 * One log for each batch element and head (batch-major), from host arrays of `opened` and `mergedAt` [B, T, H].
 * With `logs` of earlier pieces of the same stream they are continued and returned.
 */
export function mergeLogs(
  segmentation: { readonly opened: ArrayLike<number>; readonly mergedAt: ArrayLike<number> },
  shape: readonly [batch: number, time: number, heads: number],
  logs?: readonly MergeLog[],
): MergeLog[] {
  const [batch, time, heads] = shape;
  const { opened, mergedAt } = segmentation;
  const expected = batch * time * heads;
  if (opened.length !== expected || mergedAt.length !== expected || (logs !== undefined && logs.length !== batch * heads))
    throw new DlaError('shape', 'arrays do not fit', {
      where: 'merge log',
      expected: `${expected} elements, ${batch * heads} logs`,
      found: `${opened.length} and ${mergedAt.length}, ${logs?.length ?? 'new'} logs`,
    });
  return Array.from({ length: batch * heads }, (_, lane) => {
    const log = logs?.[lane] ?? new MergeLog();
    const b = Math.floor(lane / heads);
    for (let t = 0; t < time; t++) {
      const at = (b * time + t) * heads + (lane % heads);
      log.append(opened[at] === 1, mergedAt[at] as number);
    }
    return log;
  });
}
