import { expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { concatCases } from './cases.js';
import { concat } from './op.js';

describeOp('concat', concatCases);

it('concat joins', async () => {
  const [a, b] = [tensor([[1], [2]]), tensor([[3], [4]])];
  expect([...(await concat([a, b], -1).data())]).toEqual([1, 3, 2, 4]);
  expect([...(await concat([a, b], 0).data())]).toEqual([1, 2, 3, 4]);
  expect(concat([a], 0)).toBe(a);
  expect(() => concat([a, tensor([[1]])], 1)).toThrow('concat: dimensions other than 1 differ; expected [2, 1]; found [1, 1]');
  expect(() => concat([], 0)).toThrow('concat: nothing to join');
});
