import { palette } from './colours.js';
import type { HeadHistory } from './history.js';
import { columnCentre, type Ribbon, ribbons, rowCentre, type TimelineLayout, ticks } from './timeline.js';

/** Colours of the theme, as CSS values. */
export interface Theme {
  readonly ink: string;
  readonly faint: string;
  readonly line: string;
  readonly paper: string;
  readonly accent: string;
  /** Lightness and chroma of the two tones of ribbons, for oklch(). */
  readonly tones: readonly [string, string];
  readonly font: string;
}

export interface Scene {
  readonly history: HeadHistory;
  readonly layout: TimelineLayout;
  /** Left edge and width of what is visible, in CSS pixels of the whole drawing. */
  readonly left: number;
  readonly viewWidth: number;
  readonly time: number;
  readonly tau: number;
  /** First token of the slot to bring out; -1 for none. */
  readonly emphasis: number;
}

/** Largest score on the axis: unrelated tokens score sqrt 2, opposite ones 2. */
const topScore = 2;

/** Draw the visible window; the context is scaled to CSS pixels and cleared by the caller. */
export function drawTimeline(context: CanvasRenderingContext2D, scene: Scene, theme: Theme): void {
  const { history, layout, left, viewWidth } = scene;
  if (history.length === 0) return;
  const from = Math.max(0, Math.floor(left / layout.columnWidth) - 1);
  const to = Math.min(history.length - 1, Math.ceil((left + viewWidth) / layout.columnWidth) + 1);
  context.save();
  context.translate(-left, 0);
  context.lineCap = 'round';
  context.lineJoin = 'round';
  drawRows(context, layout, left, viewWidth, theme);
  const all = ribbons(history, from, to);
  for (const ribbon of all) if (ribbon.mergesInto !== undefined) drawRibbon(context, ribbon, scene, theme);
  for (const ribbon of all) if (ribbon.mergesInto === undefined) drawRibbon(context, ribbon, scene, theme);
  if (layout.scoreHeight > 0) drawScores(context, scene, theme, from, to);
  drawAxis(context, layout, theme, from, to);
  drawMarker(context, scene, theme);
  context.restore();
}

function drawRows(context: CanvasRenderingContext2D, layout: TimelineLayout, left: number, viewWidth: number, theme: Theme): void {
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.beginPath();
  for (let row = 0; row < layout.rows; row++) {
    context.moveTo(left, rowCentre(layout, row));
    context.lineTo(left + viewWidth, rowCentre(layout, row));
  }
  context.stroke();
}

function drawRibbon(context: CanvasRenderingContext2D, ribbon: Ribbon, { layout, emphasis }: Scene, theme: Theme): void {
  const { hue, tone } = palette[ribbon.colour] as (typeof palette)[number];
  const brought = emphasis === ribbon.start;
  const first = columnCentre(layout, ribbon.from);
  context.globalAlpha = emphasis < 0 || brought ? 1 : 0.4;
  context.strokeStyle = context.fillStyle = `oklch(${theme.tones[tone]} ${hue})`;
  context.lineWidth = layout.rowHeight * (brought ? 0.8 : 0.56);
  context.beginPath();
  context.moveTo(ribbon.opens ? first : first - layout.columnWidth / 2, rowCentre(layout, ribbon.rows[0] as number));
  for (const [index, row] of ribbon.rows.entries()) context.lineTo(columnCentre(layout, ribbon.from + index), rowCentre(layout, row));
  if (ribbon.mergesInto !== undefined) context.lineTo(columnCentre(layout, ribbon.from + ribbon.rows.length), rowCentre(layout, ribbon.mergesInto));
  context.stroke();
  if (ribbon.opens && layout.columnWidth >= 5) {
    context.beginPath();
    context.arc(first, rowCentre(layout, ribbon.rows[0] as number), Math.min(layout.rowHeight * 0.42, layout.columnWidth * 0.45), 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}

/** The score of every token as a bar on a line; those at tau or above opened a slot. */
function drawScores(
  context: CanvasRenderingContext2D,
  { history, layout, tau, left, viewWidth }: Scene,
  theme: Theme,
  from: number,
  to: number,
): void {
  const base = layout.bandsHeight + layout.scoreHeight - 4;
  const scale = (layout.scoreHeight - 14) / topScore;
  const width = Math.max(1.5, Math.min(4, layout.columnWidth * 0.5));
  for (let time = from; time <= to; time++) {
    const opened = history.opened(time);
    context.fillStyle = opened ? theme.accent : theme.faint;
    const height = Math.max(1, history.score(time) * scale);
    context.fillRect(columnCentre(layout, time) - width / 2, base - height, width, height);
  }
  context.strokeStyle = theme.ink;
  context.lineWidth = 1.25;
  context.setLineDash([5, 3]);
  context.beginPath();
  context.moveTo(left, base - tau * scale);
  context.lineTo(left + viewWidth, base - tau * scale);
  context.stroke();
  context.setLineDash([]);
  context.font = theme.font;
  context.textAlign = 'left';
  context.textBaseline = 'bottom';
  context.lineWidth = 3;
  context.strokeStyle = theme.paper;
  context.fillStyle = theme.ink;
  context.strokeText('τ', left + 2, base - tau * scale - 1);
  context.fillText('τ', left + 2, base - tau * scale - 1);
}

function drawAxis(context: CanvasRenderingContext2D, layout: TimelineLayout, theme: Theme, from: number, to: number): void {
  const top = layout.bandsHeight + layout.scoreHeight;
  context.font = theme.font;
  context.textBaseline = 'top';
  context.fillStyle = theme.ink;
  context.strokeStyle = theme.faint;
  context.lineWidth = 1;
  for (const time of ticks(layout, from, to)) {
    const x = columnCentre(layout, time);
    context.textAlign = time === 0 ? 'left' : 'center';
    context.fillText(String(time), time === 0 ? x - layout.columnWidth / 2 : x, top + 5);
    context.beginPath();
    context.moveTo(x, top);
    context.lineTo(x, top + 3);
    context.stroke();
  }
}

function drawMarker(context: CanvasRenderingContext2D, { layout, time, history }: Scene, theme: Theme): void {
  if (time < 0) return;
  const x = columnCentre(layout, time);
  const height = layout.bandsHeight + layout.scoreHeight;
  if (time < history.length - 1) {
    context.globalAlpha = 0.6;
    context.fillStyle = theme.paper;
    context.fillRect(x + layout.columnWidth / 2, 0, layout.width - x, height);
    context.globalAlpha = 1;
  }
  context.strokeStyle = theme.ink;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, height);
  context.stroke();
}
