import { DlaError } from '@dla/core';

export interface MemoryMapEvent {
  readonly time: number;
  readonly kind: 'open' | 'merge' | 'held';
}

/** What one head decided. */
export interface MemoryMapHead {
  /** Per token: a slot opened there. [T] */
  readonly opened: readonly boolean[];
  /** Per token: the score I_t. [T] */
  readonly score: readonly number[];
  /** Per token: time at which the boundary there was merged away; -1 for never. [T] */
  readonly death: readonly number[];
  /** Most slots, M. */
  readonly capacity: number;
  readonly log: readonly MemoryMapEvent[];
}

/** The memory of a model over one text: plain data, as drawn by the terminal and the page. */
export interface MemoryMapData {
  readonly tokens: readonly { readonly text: string; readonly id: number }[];
  readonly layers: readonly { readonly heads: readonly MemoryMapHead[] }[];
  readonly tau: number;
  readonly policy: string;
}

/** Tokens [start, end). */
export interface SlotRange {
  readonly start: number;
  readonly end: number;
}

/** The slots once token `time` is read, oldest first: they cut [0, time] at the boundaries alive then. */
export function slotsAt(head: MemoryMapHead, time: number): SlotRange[] {
  const starts: number[] = [0];
  for (let p = 1; p <= time; p++) {
    const death = head.death[p] ?? -1;
    if (head.opened[p] === true && (death < 0 || death > time)) starts.push(p);
  }
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? time + 1 }));
}

export interface MergeStatistics {
  readonly tokens: number;
  readonly opened: number;
  readonly merged: number;
  readonly held: number;
  readonly slots: number;
  readonly largest: number;
  readonly meanScore: number;
}

export function mergeStatistics(head: MemoryMapHead): MergeStatistics {
  const tokens = head.opened.length;
  const slots = tokens === 0 ? [] : slotsAt(head, tokens - 1);
  const count = (kind: MemoryMapEvent['kind']): number => head.log.filter((event) => event.kind === kind).length;
  return {
    tokens,
    opened: head.opened.filter(Boolean).length,
    merged: count('merge'),
    held: count('held'),
    slots: slots.length,
    largest: slots.reduce((most, { start, end }) => Math.max(most, end - start), 0),
    meanScore: tokens === 0 ? 0 : head.score.reduce((sum, value) => sum + value, 0) / tokens,
  };
}

/** @throws DlaError `argument` for a layer or head that the model has not. */
export function headOf(data: MemoryMapData, layer: number, head: number): MemoryMapHead {
  const heads = data.layers[layer]?.heads;
  if (heads === undefined)
    throw new DlaError('argument', 'no such layer', { where: '--layer', expected: `0 to ${data.layers.length - 1}`, found: String(layer) });
  const found = heads[head];
  if (found === undefined)
    throw new DlaError('argument', 'no such head', { where: '--head', expected: `0 to ${heads.length - 1}`, found: String(head) });
  return found;
}
