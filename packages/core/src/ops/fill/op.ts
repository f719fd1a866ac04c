import type { DType } from '../../dtype.js';
import { DlaError } from '../../errors.js';
import { type DefinedOp, defineOp } from '../../op.js';
import { checkShape, type Shape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { fillReference } from './cpu.js';

export type FillAttributes = { readonly shape: Shape; readonly value: number; readonly dtype: DType };

/** A tensor of one value: no inputs -> `dtype` [shape]. Not f16 (a storage type). */
export const fillOp: DefinedOp<FillAttributes> = defineOp<FillAttributes>({
  name: 'fill',
  infer: (_, { shape, dtype }) => {
    checkShape('fill', shape);
    if (dtype === 'f16') throw new DlaError('dtype', 'f16 is a storage type: fill in f32 and cast', { where: 'fill' });
    return [{ shape, dtype }];
  },
  reference: fillReference,
  gradient: null,
});

/** A tensor of `shape` with every element `value`; dtype f32 unless said. */
export function fill(shape: Shape, value: number, dtype: DType = 'f32'): Tensor {
  return fillOp([], { shape: [...shape], value, dtype })[0] as Tensor;
}

/** A tensor of zeros; dtype f32 unless said. */
export function zeros(shape: Shape, dtype: DType = 'f32'): Tensor {
  return fill(shape, 0, dtype);
}

/** A tensor of ones; dtype f32 unless said. */
export function ones(shape: Shape, dtype: DType = 'f32'): Tensor {
  return fill(shape, 1, dtype);
}
