import { describe, expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { transposeCases } from './cases.js';
import { swapAxes, transpose } from './op.js';

describeOp('transpose', transposeCases);

describe('transpose', () => {
  it('permutes axes', async () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect([...(await transpose(x).data())]).toEqual([1, 4, 2, 5, 3, 6]);
    expect(swapAxes(x, 0, -1).shape).toEqual([3, 2]);
    expect(transpose(x, [0, 1])).toBe(x);
  });

  it('refuses what is no permutation', () => {
    expect(() => transpose(tensor([[1]]), [0, 0])).toThrow('transpose: not a permutation of the axes');
    expect(() => transpose(tensor([[1]]), [0])).toThrow('transpose: not a permutation of the axes');
  });
});
