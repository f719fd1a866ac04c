import { seededNumbers } from '@dla/core/testing';

/** Arrays [B, T, H] as `segment` would give them. */
export interface MadeDecisions {
  readonly opened: number[];
  readonly mergedAt: number[];
  readonly death: number[];
}

/** Consistent random decisions: tokens open with probability `rate`, and at capacity a random pair merges. */
export function madeDecisions(
  seed: number,
  sizes: { readonly batch: number; readonly time: number; readonly heads: number; readonly slots: number },
  rate = 0.7,
): MadeDecisions {
  const { batch, time, heads, slots } = sizes;
  const next = seededNumbers(seed + 77);
  const count = batch * time * heads;
  const opened = new Array<number>(count).fill(0);
  const mergedAt = new Array<number>(count).fill(-1);
  const death = new Array<number>(count).fill(-1);
  for (let lane = 0; lane < batch * heads; lane++) {
    const starts: number[] = [];
    const at = (t: number): number => (Math.floor(lane / heads) * time + t) * heads + (lane % heads);
    for (let t = 0; t < time; t++) {
      if (t > 0 && next() >= rate) continue;
      if (starts.length === slots && slots === 1) {
        mergedAt[at(t)] = -2;
        continue;
      }
      if (starts.length === slots) {
        const pair = Math.floor(next() * (slots - 1));
        mergedAt[at(t)] = pair;
        death[at(starts[pair + 1] as number)] = t;
        starts.splice(pair + 1, 1);
      }
      starts.push(t);
      opened[at(t)] = 1;
    }
  }
  return { opened, mergedAt, death };
}
