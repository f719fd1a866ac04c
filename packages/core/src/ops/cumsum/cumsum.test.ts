import { expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { cumsumCases } from './cases.js';
import { cumsum } from './op.js';

describeOp('cumsum', cumsumCases);

it('cumsum runs forwards and backwards', async () => {
  expect([...(await cumsum(tensor([1, 2, 3]), -1).data())]).toEqual([1, 3, 6]);
  expect([...(await cumsum(tensor([1, 2, 3]), 0, { reverse: true }).data())]).toEqual([6, 5, 3]);
});
