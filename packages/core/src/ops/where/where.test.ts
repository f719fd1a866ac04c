import { describe, expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { whereCases } from './cases.js';
import { where } from './op.js';

describeOp('where', whereCases);

describe('where', () => {
  it('chooses, and keeps NaN out', async () => {
    const condition = tensor([1, 0], { dtype: 'bool' });
    expect([...(await where(condition, tensor([[1], [2]]), Number.NaN).data())]).toEqual([1, Number.NaN, 2, Number.NaN]);
    expect([...(await where(condition, 0, tensor([Number.NaN, 5])).data())]).toEqual([0, 5]);
  });

  it('needs a bool condition', () => {
    expect(() => where(tensor([1]), 1, 2)).toThrow('where: wrong dtype of the condition; expected bool; found f32');
  });
});
