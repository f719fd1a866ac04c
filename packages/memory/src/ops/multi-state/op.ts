import { type DefinedOp, defineOp, type Tensor, type TensorSpec } from '@dla/core';
import { type MultiStateAttributes, multiStateSizes } from './contract.js';
import { multiStateReference } from './cpu.js';
import { multiStateGradient } from './grad.js';
import { multiStateKernel } from './launch.js';
import { multiStateWasm } from './wasm.js';

function infer(inputs: readonly TensorSpec[], attributes: MultiStateAttributes): TensorSpec[] {
  const { batch, time, heads, valueWidth } = multiStateSizes('multi-state', inputs, attributes, 'death');
  return [{ shape: [batch, time, heads, valueWidth], dtype: 'f32' }];
}

/**
 * Multi-state linear attention, parallel form (formula 1 of the design), over a whole sequence from an empty state:
 *
 *     o_t = sum_{s<=t} lambda_{t, slot_t(s)} (q_t . k_s) exp(G_t - G_s) v_s,      G_t = g_1 + .. + g_t
 *
 * inputs    q, k f32 [B, T, G, K] (head h reads group floor(h / (H / G))), v f32 [B, T, H, V], g f32 [B, T, H] (<= 0);
 *           `age`: lambda f32 [B, T, H, M], opened bool [B, T, H], death i32 [B, T, H] (outputs of `segment`);
 *           `fenwick`: lambda [B, T, H, L]; `single`: lambda [B, T, H, 1], or none for lambda = 1
 * outputs   o f32 [B, T, H, V]
 *
 * Scaling q is the caller's business. Ages from M on (impossible in a call that starts a document) read position M - 1.
 */
export const multiStateOp: DefinedOp<MultiStateAttributes> = defineOp<MultiStateAttributes>({
  name: 'multi-state',
  infer,
  reference: multiStateReference,
  gradient: multiStateGradient,
  forms: { cpu: multiStateWasm, webgpu: multiStateKernel },
});

export function multiState(inputs: readonly Tensor[], attributes: MultiStateAttributes): Tensor {
  return multiStateOp(inputs, attributes)[0] as Tensor;
}
