import { expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { broadcastToCases } from './cases.js';
import { broadcastTo } from './op.js';

describeOp('broadcast-to', broadcastToCases);

it('broadcastTo repeats, and refuses to shrink', async () => {
  expect([...(await broadcastTo(tensor([[1], [2]]), [2, 2]).data())]).toEqual([1, 1, 2, 2]);
  expect(() => broadcastTo(tensor([1, 2]), [1])).toThrow('broadcast-to: does not broadcast; expected [1]; found [2]');
});
