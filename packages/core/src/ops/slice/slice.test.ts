import { expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { sliceCases } from './cases.js';
import { slice, sliceAxis } from './op.js';

describeOp('slice', sliceCases);

it('slice takes a part', async () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect([...(await slice(x, [0, 1], [2, 3]).data())]).toEqual([2, 3, 5, 6]);
  expect([...(await sliceAxis(x, -1, 2, 3).data())]).toEqual([3, 6]);
  expect(slice(x, [0, 0], [2, 3])).toBe(x);
  expect(() => slice(x, [0, 1], [2, 4])).toThrow(
    'slice: range outside the tensor; expected 0 <= start <= end <= [2, 3]; found start [0, 1], end [2, 4]',
  );
  expect(() => slice(x, [1], [2])).toThrow('slice: range outside the tensor');
});
