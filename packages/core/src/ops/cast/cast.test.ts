import { describe, expect, it } from 'vitest';
import { gradients } from '../../autodiff.js';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { sum } from '../reduce/op.js';
import { castCases } from './cases.js';
import { cast } from './op.js';

describeOp('cast', castCases);

describe('cast', () => {
  it('truncates and clamps to integers', async () => {
    const x = tensor([1.9, -1.9, 3e9, -3e9]);
    expect([...(await cast(x, 'i32').data())]).toEqual([1, -1, 2147483647, -2147483648]);
    expect([...(await cast(x, 'u32').data())]).toEqual([1, 0, 3000000000, 0]);
    expect([...(await cast(x, 'bool').data())]).toEqual([1, 1, 1, 1]);
    expect([...(await cast(tensor([-1], { dtype: 'i32' }), 'u32').data())]).toEqual([4294967295]);
  });

  it('stores halves as bits', async () => {
    expect([...(await cast(tensor([1, -2, 65504]), 'f16').data())]).toEqual([0x3c00, 0xc000, 0x7bff]);
    expect([...(await cast(tensor(Uint16Array.of(0x3c00, 0x3555)), 'f32').data())]).toEqual([1, 0.333251953125]);
  });

  it('passes no gradient through integers', async () => {
    const x = tensor([1.5, 2.5]);
    const [gradient] = gradients(sum(cast(cast(x, 'i32'), 'f32')), [x]);
    expect([...((await gradient?.data()) ?? [])]).toEqual([0, 0]);
    expect(cast(x, 'f32')).toBe(x);
  });
});
