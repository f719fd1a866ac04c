import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { type TransposeAttributes, transpose } from './op.js';

export function transposeGradient({ cotangents, attributes }: GradientCall<TransposeAttributes>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  return [
    d === null
      ? null
      : transpose(
          d,
          attributes.permutation.map((_, axis) => attributes.permutation.indexOf(axis)),
        ),
  ];
}
