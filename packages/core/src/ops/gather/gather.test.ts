import { expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { gatherCases } from './cases.js';
import { gather } from './op.js';

describeOp('gather', gatherCases);

it('gather takes rows, and names an index outside the table', async () => {
  const table = tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const at = (indices: readonly number[]) => tensor(indices, { dtype: 'i32' });
  expect([...(await gather(table, at([2, 0, 2])).data())]).toEqual([5, 6, 1, 2, 5, 6]);
  await expect(gather(table, at([0, 3])).data()).rejects.toThrow('gather: index out of range; expected 0 to 2; found 3 at position 1');
  await expect(gather(table, at([-1])).data()).rejects.toThrow('gather: index out of range');
  expect(() => gather(table, tensor([0]))).toThrow('gather: wrong dtype of the indices');
});
