import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { scatterAddRows } from '../scatter-add-rows/op.js';

export function gatherGradient({ inputs, cotangents }: GradientCall<Record<string, never>>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  const [table, indices] = inputs as readonly [Tensor, Tensor];
  return [d === null ? null : scatterAddRows(indices, d, table.shape[0] as number), null];
}
