import { DlaError } from '../../errors.js';
import { type DefinedOp, defineOp } from '../../op.js';
import { checkShape, resolveAxis, type Shape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { iotaReference } from './cpu.js';

export type IotaAttributes = { readonly shape: Shape; readonly axis: number; readonly dtype: 'f32' | 'i32' | 'u32' };

/** y[.., i, ..] = i along `axis` (non-negative): no inputs -> `dtype` [shape]. */
export const iotaOp: DefinedOp<IotaAttributes> = defineOp<IotaAttributes>({
  name: 'iota',
  infer: (_, { shape, axis, dtype }) => {
    checkShape('iota', shape);
    resolveAxis('iota', axis, shape.length);
    if (dtype !== 'f32' && dtype !== 'i32' && dtype !== 'u32')
      throw new DlaError('dtype', 'no such sequence', { where: 'iota', expected: 'f32, i32 or u32', found: dtype });
    return [{ shape, dtype }];
  },
  reference: iotaReference,
  gradient: null,
});

/** The index along `axis` at every element of `shape`; dtype i32 unless said. */
export function iota(shape: Shape, axis: number, dtype: 'f32' | 'i32' | 'u32' = 'i32'): Tensor {
  return iotaOp([], { shape: [...shape], axis: resolveAxis('iota', axis, shape.length), dtype })[0] as Tensor;
}

/** 0, 1, .. length - 1; dtype i32 unless said. */
export function arange(length: number, dtype: 'f32' | 'i32' | 'u32' = 'i32'): Tensor {
  return iota([length], 0, dtype);
}
