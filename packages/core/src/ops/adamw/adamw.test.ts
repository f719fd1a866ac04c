import { expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { expectClose } from '../../testing/close.js';
import { describeOp } from '../../testing/describe-op.js';
import { adamwCases } from './cases.js';
import { adamwOp } from './op.js';

describeOp('adamw', adamwCases);

it('adamw by hand', async () => {
  const controls = tensor([0.1, 1 / (1 - 0.9), 1 / (1 - 0.99), 1, 0, 0, 0, 0]);
  const step = adamwOp([tensor([2]), tensor([0]), tensor([0]), tensor([-3]), controls], { beta1: 0.9, beta2: 0.99, epsilon: 0, weightDecay: 0.5 });
  const [p, m, v] = await Promise.all(step.map((output) => output.item()));
  // The first corrected step is the sign of the gradient: 2 - 0.1 (0.5 * 2 - 1).
  expectClose([p, m, v] as number[], [2, -0.3, 0.09], { relative: 1e-6, absolute: 0 });
  expect(() =>
    adamwOp([tensor([2]), tensor([0]), tensor([0, 1]), tensor([1]), controls], { beta1: 0, beta2: 0, epsilon: 0, weightDecay: 0 }),
  ).toThrow('adamw: wrong shape of v; expected [1]; found [2]');
});
