import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { slice } from '../slice/op.js';
import type { PadAttributes } from './op.js';

export function padGradient({ inputs, cotangents, attributes }: GradientCall<PadAttributes>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  const { shape } = inputs[0] as Tensor;
  return [
    d === null
      ? null
      : slice(
          d,
          attributes.before,
          shape.map((dimension, axis) => dimension + (attributes.before[axis] as number)),
        ),
  ];
}
