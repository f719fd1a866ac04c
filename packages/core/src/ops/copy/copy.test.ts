import { expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { copyCases } from './cases.js';
import { copy } from './op.js';

describeOp('copy', copyCases);

it('copy has the same elements', async () => {
  expect([...(await copy(tensor([1, 2])).data())]).toEqual([1, 2]);
});
