import { type DefinedOp, defineOp, refuseGradient } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { expectDtype, expectShape, inputAt, lastDimension } from '../check.js';
import { gatedRmsNormGradReference, gatedRmsNormReference } from './cpu.js';
import { gatedRmsNormGradient } from './grad.js';

export type GatedRmsNormAttributes = { readonly epsilon: number };

/** y = u / sqrt(mean(u^2) + epsilon) * weight with u = x silu(z), over the last dimension: x, z [.., D], weight [D] -> [.., D], f32. */
export const gatedRmsNormOp: DefinedOp<GatedRmsNormAttributes> = defineOp<GatedRmsNormAttributes>({
  name: 'gated-rms-norm',
  infer: (inputs) => {
    const x = inputAt('gated-rms-norm', inputs, 0);
    const z = inputAt('gated-rms-norm', inputs, 1);
    const weight = inputAt('gated-rms-norm', inputs, 2);
    expectDtype('gated-rms-norm', 'x', x, 'f32');
    expectDtype('gated-rms-norm', 'z', z, 'f32');
    expectDtype('gated-rms-norm', 'the weight', weight, 'f32');
    expectShape('gated-rms-norm', 'z', z, x.shape);
    expectShape('gated-rms-norm', 'the weight', weight, [lastDimension('gated-rms-norm', 'x', x)]);
    return [{ shape: x.shape, dtype: 'f32' }];
  },
  reference: gatedRmsNormReference,
  gradient: gatedRmsNormGradient,
});

/** The gradient of `gated-rms-norm`: x, z [.., D], weight [D], dy [.., D] -> dx, dz [.., D], dweight [D]. */
export const gatedRmsNormGradOp: DefinedOp<GatedRmsNormAttributes> = defineOp<GatedRmsNormAttributes>({
  name: 'gated-rms-norm-grad',
  infer: (inputs) => {
    const x = inputAt('gated-rms-norm-grad', inputs, 0);
    expectShape('gated-rms-norm-grad', 'dy', inputAt('gated-rms-norm-grad', inputs, 3), x.shape);
    return [
      { shape: x.shape, dtype: 'f32' },
      { shape: x.shape, dtype: 'f32' },
      { shape: [lastDimension('gated-rms-norm-grad', 'x', x)], dtype: 'f32' },
    ];
  },
  reference: gatedRmsNormGradReference,
  gradient: refuseGradient('gated-rms-norm-grad'),
});

/** RMSNorm of x silu(z) over the last dimension, times weight (Mamba-2's output norm); x, z [.., D], weight [D], epsilon 1e-5 by default. */
export function gatedRmsNorm(x: Tensor, z: Tensor, weight: Tensor, epsilon = 1e-5): Tensor {
  return gatedRmsNormOp([x, z, weight], { epsilon })[0] as Tensor;
}
