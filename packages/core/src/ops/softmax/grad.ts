import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { mul, sub } from '../binary/op.js';
import { sum } from '../reduce/op.js';

/** dx = y (d - sum d y). */
export function softmaxGradient({ outputs, cotangents }: GradientCall<Record<string, never>>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  const y = outputs[0] as Tensor;
  return [d === null ? null : mul(y, sub(d, sum(mul(d, y), { axes: -1, keepDims: true })))];
}
