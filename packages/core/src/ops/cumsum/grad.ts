import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { type CumsumAttributes, cumsum } from './op.js';

export function cumsumGradient({ cotangents, attributes: { axis, reverse } }: GradientCall<CumsumAttributes>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  return [d === null ? null : cumsum(d, axis, { reverse: !reverse })];
}
