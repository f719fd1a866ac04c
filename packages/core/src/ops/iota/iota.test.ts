import { expect, it } from 'vitest';
import { describeOp } from '../../testing/describe-op.js';
import { iotaCases } from './cases.js';
import { arange, iota } from './op.js';

describeOp('iota', iotaCases);

it('iota and arange', async () => {
  expect([...(await iota([2, 3], 1).data())]).toEqual([0, 1, 2, 0, 1, 2]);
  expect([...(await iota([2, 3], -2, 'f32').data())]).toEqual([0, 0, 0, 1, 1, 1]);
  expect([...(await arange(4).data())]).toEqual([0, 1, 2, 3]);
  expect(() => iota([2], 1)).toThrow('iota: axis out of range');
});
