import { type DefinedOp, defineOp, refuseGradient, type TensorSpec } from '@dla/core';
import { expectSpec } from '../check.js';
import type { MultiStateAttributes } from '../multi-state/contract.js';
import { recurrentSizes } from '../multi-state-recurrent/state.js';
import { multiStateRecurrentGradReference } from './cpu.js';
import { multiStateRecurrentGradKernel } from './launch.js';

function infer(inputs: readonly TensorSpec[], attributes: MultiStateAttributes): TensorSpec[] {
  const [outputGradient, ...forward] = inputs;
  const { batch, time, heads, valueWidth, hasLambda } = recurrentSizes('multi-state-recurrent-grad', forward, attributes);
  expectSpec('multi-state-recurrent-grad', 'do', outputGradient, 'f32', [batch, time, heads, valueWidth]);
  return forward.slice(3, hasLambda ? 8 : 7).map(({ shape }) => ({ shape, dtype: 'f32' }));
}

/**
 * Gradients of `multi-state-recurrent` in time linear in T, the initial state taken as a constant.
 *
 * inputs    do f32 [B, T, H, V], then the inputs of `multi-state-recurrent` (slots, scales, order as before the call)
 * outputs   dq, dk [B, T, G, K], dv [B, T, H, V], dg [B, T, H], and dlambda like lambda where there is one; all f32
 */
export const multiStateRecurrentGradOp: DefinedOp<MultiStateAttributes> = defineOp<MultiStateAttributes>({
  name: 'multi-state-recurrent-grad',
  infer,
  reference: multiStateRecurrentGradReference,
  gradient: refuseGradient('multi-state-recurrent-grad'),
  forms: { webgpu: multiStateRecurrentGradKernel },
});
