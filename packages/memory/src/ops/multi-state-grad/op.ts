import { type DefinedOp, defineOp, refuseGradient, type TensorSpec } from '@dla/core';
import { expectSpec } from '../check.js';
import { type MultiStateAttributes, multiStateSizes } from '../multi-state/contract.js';
import { multiStateGradReference } from './cpu.js';
import { multiStateGradKernel } from './launch.js';
import { multiStateGradWasm } from './wasm.js';

function infer(inputs: readonly TensorSpec[], attributes: MultiStateAttributes): TensorSpec[] {
  const [outputGradient, ...forward] = inputs;
  const { batch, time, heads, valueWidth, hasLambda } = multiStateSizes('multi-state-grad', forward, attributes, 'death');
  expectSpec('multi-state-grad', 'do', outputGradient, 'f32', [batch, time, heads, valueWidth]);
  return forward.slice(0, hasLambda ? 5 : 4).map(({ shape }) => ({ shape, dtype: 'f32' }));
}

/**
 * Gradients of `multi-state`.
 *
 * inputs    do f32 [B, T, H, V], then the inputs of `multi-state`
 * outputs   dq, dk [B, T, G, K], dv [B, T, H, V], dg [B, T, H], and dlambda like lambda where there is one; all f32
 */
export const multiStateGradOp: DefinedOp<MultiStateAttributes> = defineOp<MultiStateAttributes>({
  name: 'multi-state-grad',
  infer,
  reference: multiStateGradReference,
  gradient: refuseGradient('multi-state-grad'),
  forms: { cpu: multiStateGradWasm, webgpu: multiStateGradKernel },
});
