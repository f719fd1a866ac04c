import type { GradientRule, Tensor } from '@dla/core';
import { multiStateGradOp } from '../multi-state-grad/op.js';
import type { MultiStateAttributes } from './contract.js';

/** One `multi-state-grad` for all inputs; decisions have no gradient. */
export const multiStateGradient: GradientRule<MultiStateAttributes> = ({ inputs, cotangents, attributes }) => {
  const gradients = multiStateGradOp([cotangents[0] as Tensor, ...inputs], attributes);
  return inputs.map((_, index) => gradients[index] ?? null);
};
