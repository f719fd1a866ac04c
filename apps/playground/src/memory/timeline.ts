import type { HeadHistory } from './history.js';

/** Sizes of the drawing, in CSS pixels. Time runs to the right, the oldest slot is the top row. */
export interface TimelineLayout {
  readonly columnWidth: number;
  readonly rowHeight: number;
  readonly rows: number;
  /** Width of all columns; more than the view's where it scrolls. */
  readonly width: number;
  readonly bandsHeight: number;
  /** 0 where there are no scores to show. */
  readonly scoreHeight: number;
  readonly axisHeight: number;
  readonly height: number;
}

const narrowestColumn = 5;
const widestColumn = 16;

/** Fit `tokens` columns into `viewWidth` if they stay wide enough to see, else let them scroll. */
export function layOut(tokens: number, rows: number, viewWidth: number, withScores: boolean): TimelineLayout {
  const columnWidth = Math.min(widestColumn, Math.max(narrowestColumn, viewWidth / Math.max(tokens, 1)));
  const rowHeight = rows > 24 ? 8 : rows > 12 ? 11 : 15;
  const bandsHeight = rows * rowHeight + 8;
  const scoreHeight = withScores ? 64 : 0;
  const axisHeight = 20;
  return {
    columnWidth,
    rowHeight,
    rows,
    width: Math.max(viewWidth, tokens * columnWidth),
    bandsHeight,
    scoreHeight,
    axisHeight,
    height: bandsHeight + scoreHeight + axisHeight,
  };
}

export function columnCentre(layout: TimelineLayout, time: number): number {
  return (time + 0.5) * layout.columnWidth;
}

export function rowCentre(layout: TimelineLayout, row: number): number {
  return 4 + (row + 0.5) * layout.rowHeight;
}

/** Token time under an x of the whole drawing, kept inside [0, tokens). */
export function timeAt(layout: TimelineLayout, x: number, tokens: number): number {
  return Math.max(0, Math.min(tokens - 1, Math.floor(x / layout.columnWidth)));
}

const tickSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
const tickGap = 56;

/** Times to label between two columns, far enough apart to read. */
export function ticks(layout: TimelineLayout, from: number, to: number): number[] {
  const step = tickSteps.find((candidate) => candidate * layout.columnWidth >= tickGap) ?? 10_000;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, index) => first + index * step);
}

/** One slot's way through a window of time: its row at each time from `from` on. */
export interface Ribbon {
  /** The slot's first token. */
  readonly start: number;
  readonly colour: number;
  readonly from: number;
  readonly rows: readonly number[];
  /** Opened at `from`, inside the window. */
  readonly opens: boolean;
  /** Row of the older slot it merges into, one column after its last; undefined if it outlives the window. */
  readonly mergesInto: number | undefined;
}

/** The ribbons of every slot that lives in [from, to], in the order they opened. */
export function ribbons(history: HeadHistory, from: number, to: number): Ribbon[] {
  const made = new Map<number, Ribbon & { rows: number[]; mergesInto: number | undefined; last: number }>();
  let before: readonly number[] = [];
  for (let time = from; time <= Math.min(to, history.length - 1); time++) {
    const starts = history.startsAt(time);
    for (const [row, start] of starts.entries()) {
      const ribbon = made.get(start);
      if (ribbon === undefined)
        made.set(start, {
          start,
          colour: history.colourOf(start),
          from: time,
          rows: [row],
          opens: start === time,
          mergesInto: undefined,
          last: time,
        });
      else {
        ribbon.rows.push(row);
        ribbon.last = time;
      }
    }
    for (const start of before) {
      const ribbon = made.get(start);
      if (ribbon !== undefined && ribbon.last === time - 1) ribbon.mergesInto = history.slotOf(start, time);
    }
    before = starts;
  }
  return [...made.values()];
}
