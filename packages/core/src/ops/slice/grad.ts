import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { pad } from '../pad/op.js';
import type { SliceAttributes } from './op.js';

export function sliceGradient({ inputs, cotangents, attributes }: GradientCall<SliceAttributes>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  const { shape } = inputs[0] as Tensor;
  return [
    d === null
      ? null
      : pad(
          d,
          attributes.start,
          shape.map((dimension, axis) => dimension - (attributes.end[axis] as number)),
        ),
  ];
}
