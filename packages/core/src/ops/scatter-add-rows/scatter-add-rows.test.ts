import { expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { scatterAddRowsCases } from './cases.js';
import { scatterAddRows } from './op.js';

describeOp('scatter-add-rows', scatterAddRowsCases);

it('scatterAddRows adds up, and names an index outside', async () => {
  const updates = tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const at = (indices: readonly number[]) => tensor(indices, { dtype: 'i32' });
  expect([...(await scatterAddRows(at([1, 0, 1]), updates, 3).data())]).toEqual([3, 4, 6, 8, 0, 0]);
  await expect(scatterAddRows(at([1, 0, 5]), updates, 3).data()).rejects.toThrow(
    'scatter-add-rows: index out of range; expected 0 to 2; found 5 at position 2',
  );
  expect(() => scatterAddRows(at([1, 0]), updates, 3)).toThrow('scatter-add-rows: wrong shape of the updates; expected [2, 2]; found [3, 2]');
});
