import { describe, expect, it } from 'vitest';
import { gradients } from '../../autodiff.js';
import { tensor } from '../../tensor.js';
import { expectClose } from '../../testing/close.js';
import { describeOp } from '../../testing/describe-op.js';
import { crossEntropyCases } from './cases.js';
import { crossEntropy, crossEntropyMean } from './op.js';

describeOp('cross-entropy', crossEntropyCases);

describe('crossEntropy', () => {
  const logits = tensor([
    [0, Math.log(3)],
    [1000, 0],
    [1, 2],
  ]);
  const targets = tensor([0, 0, -1], { dtype: 'i32' });

  it('computes by hand, without overflow', async () => {
    const { losses, logSumExp } = crossEntropy(logits, targets);
    expectClose(await losses.data(), [Math.log(4), 0, 0], { relative: 1e-6, absolute: 1e-6 });
    expectClose(await logSumExp.data(), [Math.log(4), 1000, 2 + Math.log1p(Math.exp(-1))], { relative: 1e-6, absolute: 0 });
  });

  it('averages over the rows that are not ignored', async () => {
    expect(await crossEntropyMean(logits, targets).item()).toBeCloseTo(Math.log(4) / 2, 6);
    const [gradient] = gradients(crossEntropyMean(logits, targets), [logits]);
    expectClose((await gradient?.data()) as Float32Array, [-0.375, 0.375, 0, 0, 0, 0], { relative: 1e-6, absolute: 1e-7 });
    expect(await crossEntropyMean(logits, tensor([-1, -1, -1], { dtype: 'i32' })).item()).toBe(0);
  });

  it('names a target outside the vocabulary', async () => {
    await expect(crossEntropy(logits, tensor([0, 2, 0], { dtype: 'i32' })).losses.data()).rejects.toThrow(
      'cross-entropy: target out of range; expected -1 to 1; found 2 at position 1',
    );
    expect(() => crossEntropy(logits, tensor([0], { dtype: 'i32' }))).toThrow('cross-entropy: wrong shape of the targets; expected [3]; found [1]');
  });
});
