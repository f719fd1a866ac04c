import { expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { expectClose } from '../../testing/close.js';
import { describeOp } from '../../testing/describe-op.js';
import { randomTensor } from '../../testing/random.js';
import { mul } from '../binary/op.js';
import { rmsNorm } from '../rms-norm/op.js';
import { silu } from '../unary/op.js';
import { gatedRmsNormCases } from './cases.js';
import { gatedRmsNorm } from './op.js';

describeOp('gated-rms-norm', gatedRmsNormCases);

it('gatedRmsNorm is rmsNorm of x silu(z)', async () => {
  const [x, z, weight] = [randomTensor({ shape: [5, 63] }, 1), randomTensor({ shape: [5, 63] }, 2), randomTensor({ shape: [63] }, 3)] as const;
  const expected = await rmsNorm(mul(x, silu(z)), weight, 1e-3).data();
  expectClose(await gatedRmsNorm(x, z, weight, 1e-3).data(), expected, { relative: 1e-5, absolute: 1e-6 });
  expect(() => gatedRmsNorm(x, tensor([1]), weight)).toThrow('gated-rms-norm: wrong shape of z; expected [5, 63]; found [1]');
});
