import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { sumTo } from '../reduce/op.js';
import { where } from './op.js';

export function whereGradient({ inputs, cotangents, needed }: GradientCall<Record<string, never>>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  const [condition, a, b] = inputs as readonly [Tensor, Tensor, Tensor];
  if (d === null || a.dtype !== 'f32') return [null, null, null];
  return [
    null,
    needed[1] === true ? sumTo(where(condition, d, 0), a.shape) : null,
    needed[2] === true ? sumTo(where(condition, 0, d), b.shape) : null,
  ];
}
