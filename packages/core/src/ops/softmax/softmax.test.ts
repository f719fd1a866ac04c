import { expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { checkGradient } from '../../testing/check-gradient.js';
import { expectClose } from '../../testing/close.js';
import { describeOp } from '../../testing/describe-op.js';
import { randomTensor } from '../../testing/random.js';
import { softmaxCases } from './cases.js';
import { logSoftmax, softmax } from './op.js';

describeOp('softmax', softmaxCases);

it('softmax and logSoftmax by hand', async () => {
  const x = tensor([[1000, 1000 + Math.log(3)]]);
  expectClose(await softmax(x).data(), [0.25, 0.75], { relative: 1e-4, absolute: 0 });
  expectClose(await logSoftmax(tensor([[0, Math.log(3)]])).data(), [-Math.log(4), Math.log(0.75)], { relative: 1e-6, absolute: 0 });
  expectClose(await softmax(tensor([Number.NEGATIVE_INFINITY, 0])).data(), [0, 1], { relative: 0, absolute: 0 });
  expect(() => softmax(tensor(1))).toThrow('softmax: x must have at least one dimension');
});

it("logSoftmax's gradient equals differences", async () => {
  await checkGradient(([y]) => [logSoftmax(y as ReturnType<typeof tensor>)], [randomTensor({ shape: [3, 7] }, 1)]);
});
