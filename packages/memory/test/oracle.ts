import type { SegmentAttributes } from '../src/ops/segment/state.js';
import type { HostValue } from './run.js';

export interface OracleRun {
  readonly score: number[];
  readonly opened: number[];
  readonly mergedAt: number[];
  readonly death: number[];
  /** Slots after the last token: start, n, E. */
  readonly slots: { start: number; n: number; e: number }[];
}

/** Sections 3 and 4 token by token in float64 with the summary as a matrix: no grid, no recursion for the norm. One head. */
export function segmentOracle(
  k: HostValue,
  v: HostValue,
  g: HostValue,
  lane: { b: number; head: number },
  { capacity, tau, merge }: SegmentAttributes,
): OracleRun {
  const [, time, groups, keyWidth] = k.shape as [number, number, number, number];
  const [, , heads, valueWidth] = v.shape as [number, number, number, number];
  const group = Math.floor((lane.head * groups) / heads);
  const run: OracleRun = { score: [], opened: [], mergedAt: [], death: new Array<number>(time).fill(-1), slots: [] };
  const openings: number[] = [];
  let sigma = new Float64Array(keyWidth * valueWidth);
  for (let t = 0; t < time; t++) {
    const key = k.data.subarray(((lane.b * time + t) * groups + group) * keyWidth);
    const value = v.data.subarray(((lane.b * time + t) * heads + lane.head) * valueWidth);
    const alpha = Math.exp(g.data[(lane.b * time + t) * heads + lane.head] as number);
    const token = Float64Array.from(sigma, (_, cell) => (key[Math.floor(cell / valueWidth)] as number) * (value[cell % valueWidth] as number));
    const dotted = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
    const faint = dotted(sigma, sigma) < 1e-36;
    const norms = faint ? 0 : Math.sqrt(dotted(token, token) * dotted(sigma, sigma));
    const score = Math.sqrt(Math.max(0, 2 - 2 * (norms === 0 ? 0 : Math.max(-1, Math.min(1, dotted(token, sigma) / norms)))));
    let opens = t === 0 || score >= tau;
    let mergedAt = -1;
    if (opens && run.slots.length === capacity) {
      const keys = run.slots.slice(1).map((slot, pair) => {
        const older = run.slots[pair] as { n: number; e: number };
        return merge === 'oldest' ? pair : merge === 'weakest' ? (openings[pair + 1] as number) : (older.e + slot.e) / (older.n + slot.n);
      });
      mergedAt = keys.length === 0 ? -2 : keys.indexOf(Math.min(...keys));
      if (mergedAt === -2) opens = false;
      else {
        const [older, younger] = run.slots.slice(mergedAt, mergedAt + 2) as [
          { start: number; n: number; e: number },
          { start: number; n: number; e: number },
        ];
        run.death[younger.start] = t;
        run.slots.splice(mergedAt, 2, { start: older.start, n: older.n + younger.n, e: older.e + younger.e });
        openings.splice(mergedAt + 1, 1);
      }
    }
    if (opens) {
      run.slots.push({ start: t, n: 1, e: score });
      openings.push(score);
      sigma = token;
    } else {
      const open = run.slots[run.slots.length - 1] as { n: number; e: number };
      open.n++;
      open.e += score;
      sigma = sigma.map((x, i) => alpha * x + (token[i] as number));
    }
    run.score.push(score);
    run.opened.push(opens ? 1 : 0);
    run.mergedAt.push(mergedAt);
  }
  return run;
}
