import { type DefinedOp, defineOp, type TensorSpec } from '@dla/core';
import type { MultiStateAttributes } from '../multi-state/contract.js';
import { multiStateRecurrentReference } from './cpu.js';
import { multiStateRecurrentGradient } from './grad.js';
import { multiStateRecurrentKernel } from './launch.js';
import { recurrentSizes, recurrentStateSpecs } from './state.js';
import { multiStateRecurrentWasm } from './wasm.js';

function infer(inputs: readonly TensorSpec[], attributes: MultiStateAttributes): TensorSpec[] {
  const sizes = recurrentSizes('multi-state-recurrent', inputs, attributes);
  const { batch, time, heads, valueWidth, slots } = sizes;
  return [{ shape: [batch, time, heads, valueWidth], dtype: 'f32' }, ...recurrentStateSpecs(sizes, slots)];
}

/**
 * Multi-state linear attention, recurrent form: T >= 1 tokens in constant memory. For each token: merge the pair that
 * `mergedAt` names, open a slot where `opened` says so, decay, add k_t v_t^T to the open slot, read
 * o_t = sum_j lambda_{t,j} S_j^T q_t.
 *
 * inputs    slots, scales, order: the state of {@link recurrentStateSpecs}, updated in place; then q, k, v, g and,
 *           as for `multi-state`: `age`: lambda [B, T, H, M], opened bool [B, T, H], mergedAt i32 [B, T, H] (outputs of `segment`);
 *           `fenwick`: lambda [B, T, H, L]; `single`: lambda [B, T, H, 1], or none
 * outputs   o f32 [B, T, H, V], slots, scales, order
 *
 * Differentiable in q, k, v, g, lambda; a gradient into or out of the state is a typed error.
 */
export const multiStateRecurrentOp: DefinedOp<MultiStateAttributes> = defineOp<MultiStateAttributes>({
  name: 'multi-state-recurrent',
  infer,
  reference: multiStateRecurrentReference,
  gradient: multiStateRecurrentGradient,
  inPlace: [null, 0, 1, 2],
  forms: { cpu: multiStateRecurrentWasm, webgpu: multiStateRecurrentKernel },
});
