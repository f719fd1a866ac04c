import { expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { padCases } from './cases.js';
import { pad } from './op.js';

describeOp('pad', padCases);

it('pad puts elements round', async () => {
  expect([...(await pad(tensor([[1, 2]]), [1, 0], [0, 1], 7).data())]).toEqual([7, 7, 7, 1, 2, 7]);
  expect(() => pad(tensor([1]), [-1], [0])).toThrow('pad: bad widths; expected 1 non-negative integers each; found before [-1], after [0]');
});
