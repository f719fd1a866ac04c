import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { type GatedRmsNormAttributes, gatedRmsNormGradOp } from './op.js';

export function gatedRmsNormGradient({ inputs, cotangents, attributes }: GradientCall<GatedRmsNormAttributes>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  return d === null ? [null, null, null] : gatedRmsNormGradOp([...inputs, d], attributes);
}
