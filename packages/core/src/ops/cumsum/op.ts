import { type DefinedOp, defineOp } from '../../op.js';
import { resolveAxis } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { expectDtype, inputAt } from '../check.js';
import { cumsumReference } from './cpu.js';
import { cumsumGradient } from './grad.js';

export type CumsumAttributes = { readonly axis: number; readonly reverse: boolean };

/** y_t = sum of x_s over s <= t (reverse: s >= t) along `axis` (non-negative); f32, in float64 on the CPU. */
export const cumsumOp: DefinedOp<CumsumAttributes> = defineOp<CumsumAttributes>({
  name: 'cumsum',
  infer: (inputs, { axis }) => {
    const x = inputAt('cumsum', inputs, 0);
    expectDtype('cumsum', 'x', x, 'f32');
    resolveAxis('cumsum', axis, x.shape.length);
    return [{ shape: x.shape, dtype: 'f32' }];
  },
  reference: cumsumReference,
  gradient: cumsumGradient,
});

/** Running sum along `axis` (may count from the end), from the end backwards with `reverse`. */
export function cumsum(x: Tensor, axis: number, options: { readonly reverse?: boolean } = {}): Tensor {
  return cumsumOp([x], { axis: resolveAxis('cumsum', axis, x.shape.length), reverse: options.reverse === true })[0] as Tensor;
}
