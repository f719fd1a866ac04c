import type { DType } from '../../dtype.js';
import { type DefinedOp, defineOp } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { inputAt } from '../check.js';
import { castReference } from './cpu.js';
import { castGradient } from './grad.js';

export type CastAttributes = { readonly dtype: DType };

/**
 * The same values in another dtype. f32 -> i32, u32 truncates towards zero and clamps to the range (NaN unspecified);
 * i32 <-> u32 keeps the bits; -> bool is x != 0; f16 is storage rounded to nearest even.
 */
export const castOp: DefinedOp<CastAttributes> = defineOp<CastAttributes>({
  name: 'cast',
  infer: (inputs, { dtype }) => [{ shape: inputAt('cast', inputs, 0).shape, dtype }],
  reference: castReference,
  gradient: castGradient,
});

/** x in another dtype; x itself where it already has it. Gradients pass between f32 and f16, and are zero for integers and bool. */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : (castOp([x], { dtype })[0] as Tensor);
}
