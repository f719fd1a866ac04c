import { describe, expect, it } from 'vitest';
import { HeadHistory } from './history.js';
import { columnCentre, layOut, ribbons, rowCentre, ticks, timeAt } from './timeline.js';

const history = new HeadHistory();
history.extend({
  score: Float32Array.of(1.5, 0.25, 1, 0.75, 1.25, 1.5, 0.625),
  opened: Uint8Array.of(1, 0, 1, 1, 1, 0, 1),
  mergedAt: Int32Array.of(-1, -1, -1, -1, 0, -2, 1),
});

describe('ribbons', () => {
  it('follow every slot from opening to merge', () => {
    const made = ribbons(history, 0, 6);
    expect(made.map(({ start, from, rows, opens, mergesInto }) => ({ start, from, rows, opens, mergesInto }))).toEqual([
      { start: 0, from: 0, rows: [0, 0, 0, 0, 0, 0, 0], opens: true, mergesInto: undefined },
      { start: 2, from: 2, rows: [1, 1], opens: true, mergesInto: 0 },
      { start: 3, from: 3, rows: [2, 1, 1, 1], opens: true, mergesInto: undefined },
      { start: 4, from: 4, rows: [2, 2], opens: true, mergesInto: 1 },
      { start: 6, from: 6, rows: [2], opens: true, mergesInto: undefined },
    ]);
    for (const { start, colour } of made) expect(colour).toBe(history.colourOf(start));
  });

  it('of a window begin with the slots that live there, and end at its edge', () => {
    expect(ribbons(history, 3, 4).map(({ start, from, rows, opens, mergesInto }) => [start, from, rows, opens, mergesInto])).toEqual([
      [0, 3, [0, 0], false, undefined],
      [2, 3, [1], false, 0],
      [3, 3, [2, 1], true, undefined],
      [4, 4, [2], true, undefined],
    ]);
    expect(ribbons(history, 5, 100).at(-1)?.rows).toEqual([2]);
    expect(ribbons(new HeadHistory(), 0, 10)).toEqual([]);
  });

  it('there is one for every opening, and one merge for every merge', () => {
    const made = ribbons(history, 0, 6);
    expect(made.filter(({ opens }) => opens).length).toBe(history.openings(6));
    expect(made.filter(({ mergesInto }) => mergesInto !== undefined).length).toBe(history.merges(6));
  });
});

describe('layout', () => {
  it('fits a short text and lets a long one scroll', () => {
    const short = layOut(50, 30, 600, true);
    expect([short.columnWidth, short.width]).toEqual([12, 600]);
    const long = layOut(4000, 30, 600, true);
    expect(long.columnWidth).toBe(5);
    expect(long.width).toBe(20_000);
    expect(layOut(0, 30, 600, true).width).toBe(600);
  });

  it('has no score panel where there are no scores', () => {
    expect(layOut(50, 8, 600, false).height).toBe(layOut(50, 8, 600, true).height - layOut(50, 8, 600, true).scoreHeight);
  });

  it('finds the token under a point, also outside the drawing', () => {
    const layout = layOut(50, 30, 600, true);
    for (const time of [0, 7, 49]) expect(timeAt(layout, columnCentre(layout, time), 50)).toBe(time);
    expect(timeAt(layout, -20, 50)).toBe(0);
    expect(timeAt(layout, 9999, 50)).toBe(49);
  });

  it('keeps rows inside the panel', () => {
    for (const rows of [1, 8, 16, 30]) {
      const layout = layOut(50, rows, 600, true);
      expect(rowCentre(layout, 0) - layout.rowHeight / 2).toBeGreaterThanOrEqual(0);
      expect(rowCentre(layout, rows - 1) + layout.rowHeight / 2).toBeLessThanOrEqual(layout.bandsHeight);
    }
  });

  it('labels times far enough apart to read', () => {
    const layout = layOut(400, 30, 600, true);
    const labels = ticks(layout, 37, 157);
    expect(labels).toEqual([40, 60, 80, 100, 120, 140]);
    expect(ticks(layout, 41, 45)).toEqual([]);
  });
});
