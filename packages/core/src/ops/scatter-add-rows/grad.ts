import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { gather } from '../gather/op.js';
import type { ScatterAddRowsAttributes } from './op.js';

export function scatterAddRowsGradient({ inputs, cotangents }: GradientCall<ScatterAddRowsAttributes>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  return [null, d === null ? null : gather(d, inputs[0] as Tensor)];
}
