import { describe, expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { compareCases } from './cases.js';
import { equal, greater, greaterEqual, less, lessEqual, notEqual } from './op.js';

describeOp('compare', compareCases);

describe('compare', () => {
  it('computes by hand', async () => {
    const a = tensor([1, 2, 3]);
    expect([...(await equal(a, 2).data())]).toEqual([0, 1, 0]);
    expect([...(await notEqual(a, 2).data())]).toEqual([1, 0, 1]);
    expect([...(await less(a, 2).data())]).toEqual([1, 0, 0]);
    expect([...(await lessEqual(a, 2).data())]).toEqual([1, 1, 0]);
    expect([...(await greater(a, 2).data())]).toEqual([0, 0, 1]);
    expect([...(await greaterEqual(a, 2).data())]).toEqual([0, 1, 1]);
    expect(less(a, 2).dtype).toBe('bool');
  });

  it('needs equal dtypes', () => {
    expect(() => less(tensor([1]), tensor([1], { dtype: 'i32' }))).toThrow('less: dtypes differ');
  });
});
