import { DlaError, type GradientRule, type Tensor } from '@dla/core';
import type { MultiStateAttributes } from '../multi-state/contract.js';
import { multiStateRecurrentGradOp } from '../multi-state-recurrent-grad/op.js';

/** One `multi-state-recurrent-grad`; the state is taken as a constant, so truncated back-propagation from any state is exact. */
export const multiStateRecurrentGradient: GradientRule<MultiStateAttributes> = ({ inputs, cotangents, needed, attributes }) => {
  const [outputGradient, ...stateGradients] = cotangents;
  if (needed.slice(0, 3).includes(true) || stateGradients.some((gradient) => gradient !== null))
    throw new DlaError('graph', 'no gradient reaches or leaves the state', {
      where: 'multi-state-recurrent',
      expected: 'a loss that depends on the output alone, and a state that is a constant',
      found: needed.slice(0, 3).includes(true) ? 'a gradient with respect to the initial state' : 'a loss that depends on the final state',
    });
  const gradients = multiStateRecurrentGradOp([outputGradient as Tensor, ...inputs], attributes);
  return inputs.map((_, index) => gradients[index - 3] ?? null);
};
