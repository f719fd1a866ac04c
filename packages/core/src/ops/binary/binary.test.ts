import { describe, expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { binaryCases } from './cases.js';
import { add, div, maximum, minimum, mul, sub } from './op.js';

describeOp('binary', binaryCases);

describe('binary', () => {
  it('computes by hand', async () => {
    const a = tensor([6, -4]);
    const b = tensor([[2], [8]]);
    expect([...(await add(a, b).data())]).toEqual([8, -2, 14, 4]);
    expect([...(await sub(a, b).data())]).toEqual([4, -6, -2, -12]);
    expect([...(await mul(a, b).data())]).toEqual([12, -8, 48, -32]);
    expect([...(await div(a, b).data())]).toEqual([3, -2, 0.75, -0.5]);
    expect([...(await maximum(a, b).data())]).toEqual([6, 2, 8, 8]);
    expect([...(await minimum(a, b).data())]).toEqual([2, -4, 6, -4]);
  });

  it('takes numbers on either side', async () => {
    expect([...(await sub(1, tensor([1, 2])).data())]).toEqual([0, -1]);
    expect([...(await mul(tensor([1, 2], { dtype: 'i32' }), 3).data())]).toEqual([3, 6]);
    expect([...(await maximum(tensor([-1, 1]), Number.NEGATIVE_INFINITY).data())]).toEqual([-1, 1]);
  });

  it('wraps and truncates integers', async () => {
    const i32 = (values: readonly number[]) => tensor(values, { dtype: 'i32' });
    expect([...(await add(i32([2147483647]), i32([1])).data())]).toEqual([-2147483648]);
    expect([...(await mul(i32([65537]), i32([65537])).data())]).toEqual([131073]);
    expect([...(await div(i32([-7, 7, 5]), i32([2, -2, 0])).data())]).toEqual([-3, -3, 5]);
    expect([...(await mul(tensor([4294967295], { dtype: 'u32' }), 2).data())]).toEqual([4294967294]);
  });

  it('says what does not fit', () => {
    expect(() => add(tensor([1, 2]), tensor([1, 2, 3]))).toThrow('add: shapes do not broadcast; expected equal dimensions, or 1; found [2] and [3]');
    expect(() => mul(tensor([1]), tensor([1], { dtype: 'i32' }))).toThrow('mul: dtypes differ');
    expect(() => sub(tensor([1], { dtype: 'bool' }), 1)).toThrow('sub: wrong dtype of a');
  });
});
