import { expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { expectClose } from '../../testing/close.js';
import { describeOp } from '../../testing/describe-op.js';
import { rmsNormCases } from './cases.js';
import { rmsNorm } from './op.js';

describeOp('rms-norm', rmsNormCases);

it('rmsNorm by hand', async () => {
  // mean of squares 12.5
  const y = await rmsNorm(tensor([[3, 4]]), tensor([1, 2]), 0).data();
  expectClose(y, [3 / Math.sqrt(12.5), 8 / Math.sqrt(12.5)], { relative: 1e-6, absolute: 0 });
  expect([...(await rmsNorm(tensor([[0, 0]]), tensor([1, 2])).data())]).toEqual([0, 0]);
  expect(() => rmsNorm(tensor([[3, 4]]), tensor([1]))).toThrow('rms-norm: wrong shape of the weight; expected [2]; found [1]');
});
