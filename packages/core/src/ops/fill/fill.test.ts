import { expect, it } from 'vitest';
import { describeOp } from '../../testing/describe-op.js';
import { fillCases } from './cases.js';
import { fill, ones, zeros } from './op.js';

describeOp('fill', fillCases);

it('fill, zeros and ones', async () => {
  expect([...(await fill([2], 2.5).data())]).toEqual([2.5, 2.5]);
  expect([...(await zeros([2], 'i32').data())]).toEqual([0, 0]);
  expect([...(await ones([1, 2]).data())]).toEqual([1, 1]);
  expect(() => fill([2], 1, 'f16')).toThrow('fill: f16 is a storage type');
  expect(() => fill([-1], 1)).toThrow('fill: dimensions must be non-negative integers');
});
