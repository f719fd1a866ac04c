import { describe, expect, it } from 'vitest';
import { HeadHistory } from './history.js';
import type { HeadTrace } from './trace.js';

/** Capacity 3. Token: 0 opens, 1 joins, 2 opens, 3 opens, 4 opens after slots 0 and 1 merged, 5 is held, 6 opens after 1 and 2 merged. */
const example: HeadTrace = {
  score: Float32Array.of(1.5, 0.25, 1, 0.75, 1.25, 1.5, 0.625),
  opened: Uint8Array.of(1, 0, 1, 1, 1, 0, 1),
  mergedAt: Int32Array.of(-1, -1, -1, -1, 0, -2, 1),
};

describe('HeadHistory', () => {
  const history = new HeadHistory();
  history.extend(example);

  it('knows the slots after every token', () => {
    expect(Array.from({ length: 7 }, (_, time) => history.startsAt(time))).toEqual([[0], [0], [0, 2], [0, 2, 3], [0, 3, 4], [0, 3, 4], [0, 3, 6]]);
    expect(history.startsAt(7)).toEqual([]);
    expect(history.startsAt(-1)).toEqual([]);
  });

  it('finds a token in its slot of any time', () => {
    expect([2, 3, 4, 6].map((time) => history.slotOf(2, time))).toEqual([1, 1, 0, 0]);
    expect(history.slotOf(5, 4)).toBe(-1);
    expect(history.slotOf(5, 5)).toBe(2);
    expect(history.slotOf(5, 6)).toBe(1);
  });

  it('says what each token did', () => {
    expect([0, 1, 4, 5].map((time) => history.opened(time))).toEqual([true, false, true, false]);
    expect([3, 4, 6].map((time) => history.merge(time))).toEqual([-1, 0, 1]);
    expect([4, 5].map((time) => history.held(time))).toEqual([false, true]);
    expect(history.score(3)).toBe(0.75);
    expect([0, 3, 4, 6].map((time) => [history.openings(time), history.merges(time)])).toEqual([
      [1, 0],
      [3, 0],
      [4, 1],
      [5, 2],
    ]);
  });

  it('keeps a slot one colour for life, different from those it lives with', () => {
    const before = history.colourOf(0);
    expect(new Set(history.startsAt(3).map((start) => history.colourOf(start))).size).toBe(3);
    expect(new Set(history.startsAt(6).map((start) => history.colourOf(start))).size).toBe(3);
    expect(history.colourOf(0)).toBe(before);
  });

  it('is the same in pieces as at once', () => {
    const pieces = new HeadHistory();
    for (let at = 0; at < 7; at++)
      pieces.extend({
        score: example.score.slice(at, at + 1),
        opened: example.opened.slice(at, at + 1),
        mergedAt: example.mergedAt.slice(at, at + 1),
      });
    for (let time = 0; time < 7; time++) {
      expect(pieces.startsAt(time)).toEqual(history.startsAt(time));
      expect(pieces.colourOf(time)).toBe(history.colourOf(time));
    }
    expect(pieces.length).toBe(7);
  });

  it('refuses a merge of slots that are not there', () => {
    expect(() => new HeadHistory().extend({ score: Float32Array.of(1), opened: Uint8Array.of(1), mergedAt: Int32Array.of(4) })).toThrow(
      /^merge log: /,
    );
  });
});
