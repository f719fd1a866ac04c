import { expect, it } from 'vitest';
import { Trace } from './trace.js';

it('takes pieces of any length apart into heads', () => {
  const trace = new Trace();
  const heads = 3;
  const value = (time: number, head: number): number => 10 * time + head;
  let time = 0;
  for (const count of [1, 64, 2, 300]) {
    const score = new Float32Array(count * heads);
    for (let index = 0; index < score.length; index++) score[index] = value(time + Math.floor(index / heads), index % heads);
    trace.push(count, [undefined, { heads, score, opened: Uint8Array.from(score, (x) => x % 2), mergedAt: Int32Array.from(score, (x) => -x) }]);
    time += count;
  }
  expect(trace.length).toBe(367);
  expect(trace.head(0, 0)).toBeUndefined();
  const all = trace.head(1, 2)!;
  expect(all.score).toEqual(Float32Array.from({ length: 367 }, (_, t) => value(t, 2)));
  expect(all.mergedAt[366]).toBe(-value(366, 2));
  expect(Array.from(trace.head(1, 1, 365)!.score)).toEqual([value(365, 1), value(366, 1)]);
  expect(Array.from(trace.head(1, 1, 365)!.opened)).toEqual([1, 1]);
});
