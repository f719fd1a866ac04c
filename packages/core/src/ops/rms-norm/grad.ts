import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { type RmsNormAttributes, rmsNormGradOp } from './op.js';

export function rmsNormGradient({ inputs, cotangents, attributes }: GradientCall<RmsNormAttributes>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  return d === null ? [null, null] : rmsNormGradOp([...inputs, d], attributes);
}
