import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { type ReshapeAttributes, reshape } from './op.js';

export function reshapeGradient({ inputs, cotangents }: GradientCall<ReshapeAttributes>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  return [d === null ? null : reshape(d, (inputs[0] as Tensor).shape)];
}
