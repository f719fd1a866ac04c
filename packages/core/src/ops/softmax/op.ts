import { type DefinedOp, defineOp } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { sub } from '../binary/op.js';
import { expectDtype, inputAt, lastDimension } from '../check.js';
import { max, sum } from '../reduce/op.js';
import { exp, log } from '../unary/op.js';
import { softmaxReference } from './cpu.js';
import { softmaxGradient } from './grad.js';

/** y = e^x / sum e^x over the last dimension, without overflow: f32 [.., D] -> [.., D]. A row of -inf alone gives NaN. */
export const softmaxOp: DefinedOp<Record<string, never>> = defineOp<Record<string, never>>({
  name: 'softmax',
  infer: (inputs) => {
    const x = inputAt('softmax', inputs, 0);
    expectDtype('softmax', 'x', x, 'f32');
    lastDimension('softmax', 'x', x);
    return [{ shape: x.shape, dtype: 'f32' }];
  },
  reference: softmaxReference,
  gradient: softmaxGradient,
});

/** Softmax over the last dimension. */
export function softmax(x: Tensor): Tensor {
  return softmaxOp([x], {})[0] as Tensor;
}

/** x - log sum e^x over the last dimension, without overflow. */
export function logSoftmax(x: Tensor): Tensor {
  const last = { axes: -1, keepDims: true };
  const shifted = sub(x, max(x, last));
  return sub(shifted, log(sum(exp(shifted), last)));
}
