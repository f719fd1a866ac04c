import { describe, expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { reduceCases } from './cases.js';
import { max, mean, min, sum, sumTo } from './op.js';

describeOp('reduce', reduceCases);

describe('reduce', () => {
  const x = tensor([
    [1, 2, 3],
    [6, 5, 4],
  ]);

  it('computes by hand', async () => {
    expect(await sum(x).item()).toBe(21);
    expect([...(await sum(x, { axes: 0 }).data())]).toEqual([7, 7, 7]);
    expect([...(await max(x, { axes: -1 }).data())]).toEqual([3, 6]);
    expect([...(await min(x, { axes: [0] }).data())]).toEqual([1, 2, 3]);
    expect(await mean(x).item()).toBeCloseTo(3.5, 6);
    expect(mean(x, { axes: 1, keepDims: true }).shape).toEqual([2, 1]);
    expect([...(await sumTo(x, [3]).data())]).toEqual([7, 7, 7]);
    expect([...(await sumTo(x, [2, 1]).data())]).toEqual([6, 15]);
    expect(sumTo(x, [2, 3])).toBe(x);
  });

  it('sums nothing to 0 and chooses nothing from nothing', async () => {
    expect(await sum(tensor(new Float32Array(0))).item()).toBe(0);
    expect(() => max(tensor(new Float32Array(0)))).toThrow('max: no elements to choose from');
    expect(() => mean(tensor(new Float32Array(0)))).toThrow('mean: nothing to average');
    expect(() => sum(x, { axes: 2 })).toThrow('sum: axis out of range');
  });

  it('adds in float64', async () => {
    const many = new Float32Array(20001).fill(0.1);
    many[0] = 1e7;
    expect(Math.abs((await sum(tensor(many)).item()) - (1e7 + 20000 * Math.fround(0.1)))).toBeLessThanOrEqual(0.5);
  });
});
