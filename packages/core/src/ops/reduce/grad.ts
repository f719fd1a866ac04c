import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { div, mul } from '../binary/op.js';
import { broadcastTo } from '../broadcast-to/op.js';
import { cast } from '../cast/op.js';
import { equal } from '../compare/op.js';
import { reshape } from '../reshape/op.js';
import { type ReduceAttributes, sum } from './op.js';

export function reduceGradient({
  inputs,
  outputs,
  cotangents,
  attributes: { kind, axes },
}: GradientCall<ReduceAttributes>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  const x = inputs[0] as Tensor;
  if (d === null || x.dtype !== 'f32') return [null];
  const kept = x.shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension));
  if (kind === 'sum') return [broadcastTo(reshape(d, kept), x.shape)];
  const chosen = cast(equal(x, reshape(outputs[0] as Tensor, kept)), 'f32');
  return [mul(chosen, div(reshape(d, kept), sum(chosen, { axes, keepDims: true })))];
}
