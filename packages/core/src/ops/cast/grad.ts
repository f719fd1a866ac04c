import type { DType } from '../../dtype.js';
import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import type { CastAttributes } from './op.js';

function real(dtype: DType): boolean {
  return dtype === 'f32' || dtype === 'f16';
}

/** The cotangent of an f16 value is kept in f32, so it passes unchanged. */
export function castGradient({ inputs, outputs, cotangents }: GradientCall<CastAttributes>): readonly (Tensor | null)[] {
  return [real((inputs[0] as Tensor).dtype) && real((outputs[0] as Tensor).dtype) ? (cotangents[0] ?? null) : null];
}
