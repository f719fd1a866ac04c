import { describe, expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { reshapeCases } from './cases.js';
import { reshape } from './op.js';

describeOp('reshape', reshapeCases);

describe('reshape', () => {
  const x = tensor([1, 2, 3, 4, 5, 6]);

  it('works out -1', () => {
    expect(reshape(x, [2, -1]).shape).toEqual([2, 3]);
    expect(reshape(x, [-1]).shape).toEqual([6]);
    expect(reshape(x, [6])).toBe(x);
  });

  it('says what does not fit', () => {
    expect(() => reshape(x, [4])).toThrow('reshape: the number of elements changes; expected [4]; found [6]');
    expect(() => reshape(x, [4, -1])).toThrow('reshape: cannot work out the dimension -1');
    expect(() => reshape(x, [-1, -1])).toThrow('reshape: cannot work out the dimension -1');
  });

  it('keeps the elements', async () => {
    expect([...(await reshape(x, [3, 2]).data())]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
