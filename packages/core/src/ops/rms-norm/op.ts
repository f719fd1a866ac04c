import { type DefinedOp, defineOp, refuseGradient } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { expectDtype, expectShape, inputAt, lastDimension } from '../check.js';
import { rmsNormGradReference, rmsNormReference } from './cpu.js';
import { rmsNormGradient } from './grad.js';

export type RmsNormAttributes = { readonly epsilon: number };

/** y = x / sqrt(mean(x^2) + epsilon) * weight over the last dimension: x [.., D], weight [D] -> [.., D], f32. */
export const rmsNormOp: DefinedOp<RmsNormAttributes> = defineOp<RmsNormAttributes>({
  name: 'rms-norm',
  infer: (inputs) => {
    const x = inputAt('rms-norm', inputs, 0);
    const weight = inputAt('rms-norm', inputs, 1);
    expectDtype('rms-norm', 'x', x, 'f32');
    expectDtype('rms-norm', 'the weight', weight, 'f32');
    expectShape('rms-norm', 'the weight', weight, [lastDimension('rms-norm', 'x', x)]);
    return [{ shape: x.shape, dtype: 'f32' }];
  },
  reference: rmsNormReference,
  gradient: rmsNormGradient,
});

/** The gradient of `rms-norm`: x [.., D], weight [D], dy [.., D] -> dx [.., D], dweight [D]. */
export const rmsNormGradOp: DefinedOp<RmsNormAttributes> = defineOp<RmsNormAttributes>({
  name: 'rms-norm-grad',
  infer: (inputs) => {
    const x = inputAt('rms-norm-grad', inputs, 0);
    expectShape('rms-norm-grad', 'dy', inputAt('rms-norm-grad', inputs, 2), x.shape);
    return [
      { shape: x.shape, dtype: 'f32' },
      { shape: [lastDimension('rms-norm-grad', 'x', x)], dtype: 'f32' },
    ];
  },
  reference: rmsNormGradReference,
  gradient: refuseGradient('rms-norm-grad'),
});

/** x / sqrt(mean(x^2) + epsilon) * weight over the last dimension; x [.., D], weight [D], epsilon 1e-5 by default. */
export function rmsNorm(x: Tensor, weight: Tensor, epsilon = 1e-5): Tensor {
  return rmsNormOp([x, weight], { epsilon })[0] as Tensor;
}
