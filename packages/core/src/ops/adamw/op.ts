import { type DefinedOp, defineOp } from '../../op.js';
import { expectDtype, expectShape, inputAt } from '../check.js';
import { adamwReference } from './cpu.js';
import { adamwGradient } from './grad.js';

export { adamwControls } from './cpu.js';

export type AdamwAttributes = { readonly beta1: number; readonly beta2: number; readonly epsilon: number; readonly weightDecay: number };

/**
 * One AdamW step with decoupled decay, in place. Inputs parameter p, m, v, gradient (one shape, f32), controls f32 [8] =
 * [learningRate, 1 / (1 - beta1^t), 1 / (1 - beta2^t), gradientScale, 0, ..]; outputs p', m', v' in the memory of p, m, v:
 *
 *     g = gradient * gradientScale;  m' = beta1 m + (1 - beta1) g;  v' = beta2 v + (1 - beta2) g^2
 *     p' = p - learningRate (weightDecay p + (m' inverseCorrection1) / (sqrt(v' inverseCorrection2) + epsilon))
 *
 * A gradientScale that is not finite (all exponent bits set) skips the step: nothing changes.
 */
export const adamwOp: DefinedOp<AdamwAttributes> = defineOp<AdamwAttributes>({
  name: 'adamw',
  infer: (inputs) => {
    const parameter = inputAt('adamw', inputs, 0);
    expectDtype('adamw', 'the parameter', parameter, 'f32');
    for (const [index, what] of ['m', 'v', 'the gradient'].entries()) {
      const input = inputAt('adamw', inputs, index + 1);
      expectDtype('adamw', what, input, 'f32');
      expectShape('adamw', what, input, parameter.shape);
    }
    const controls = inputAt('adamw', inputs, 4);
    expectDtype('adamw', 'controls', controls, 'f32');
    expectShape('adamw', 'controls', controls, [8]);
    return [parameter, parameter, parameter].map(({ shape }) => ({ shape, dtype: 'f32' as const }));
  },
  inPlace: [0, 1, 2],
  reference: adamwReference,
  gradient: adamwGradient,
});
