import { type DefinedOp, defineOp, refuseGradient, type TensorSpec } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { expectDtype, expectRank, expectShape, inputAt } from '../check.js';
import { zeros } from '../fill/op.js';
import { causalConv1dGradReference, causalConv1dReference } from './cpu.js';
import { causalConv1dGradient } from './grad.js';

/**
 * y_{t,d} = bias_d + sum_w weight_{d,w} x_{t-width+1+w,d}, one filter a channel. x [B, T, D], weight [D, width], bias [D],
 * state [B, width-1, D] (the inputs before x_0) -> y [B, T, D], new state [B, width-1, D] (the last inputs of state, x); f32.
 */
export const causalConv1dOp: DefinedOp<Record<string, never>> = defineOp<Record<string, never>>({
  name: 'causal-conv1d',
  infer: (inputs) => {
    const [x, weight, bias, state] = [0, 1, 2, 3].map((index) => inputAt('causal-conv1d', inputs, index)) as [
      TensorSpec,
      TensorSpec,
      TensorSpec,
      TensorSpec,
    ];
    for (const [what, input] of Object.entries({ x, 'the weight': weight, 'the bias': bias, 'the state': state }))
      expectDtype('causal-conv1d', what, input, 'f32');
    expectRank('causal-conv1d', 'x', x, 3);
    expectRank('causal-conv1d', 'the weight', weight, 2);
    const [batch, , channels] = x.shape as readonly [number, number, number];
    const width = weight.shape[1] as number;
    expectShape('causal-conv1d', 'the weight', weight, [channels, Math.max(width, 1)]);
    expectShape('causal-conv1d', 'the bias', bias, [channels]);
    expectShape('causal-conv1d', 'the state', state, [batch, width - 1, channels]);
    return [
      { shape: x.shape, dtype: 'f32' },
      { shape: state.shape, dtype: 'f32' },
    ];
  },
  reference: causalConv1dReference,
  gradient: causalConv1dGradient,
});

/**
 * The gradient of `causal-conv1d` for y: x, weight, state, dy -> dx, dweight, dbias, dstate (shapes as the forward's).
 * The share of the new state is added by the gradient rule.
 */
export const causalConv1dGradOp: DefinedOp<Record<string, never>> = defineOp<Record<string, never>>({
  name: 'causal-conv1d-grad',
  infer: (inputs) => {
    const [x, weight, state, dy] = [0, 1, 2, 3].map((index) => inputAt('causal-conv1d-grad', inputs, index)) as [
      TensorSpec,
      TensorSpec,
      TensorSpec,
      TensorSpec,
    ];
    expectShape('causal-conv1d-grad', 'dy', dy, x.shape);
    return [x.shape, weight.shape, [x.shape[2] as number], state.shape].map((shape) => ({ shape, dtype: 'f32' as const }));
  },
  reference: causalConv1dGradReference,
  gradient: refuseGradient('causal-conv1d-grad'),
});

/**
 * Causal convolution along time with one filter of `width` taps a channel, no activation; the last tap meets the present.
 * x [B, T, D], weight [D, width], bias [D], state [B, width-1, D]: the inputs before x_0, zeros by default.
 * Returns y [B, T, D] and the state to continue with.
 */
export function causalConv1d(x: Tensor, weight: Tensor, bias: Tensor, state?: Tensor): { readonly output: Tensor; readonly state: Tensor } {
  expectRank('causal-conv1d', 'x', x, 3);
  expectRank('causal-conv1d', 'the weight', weight, 2);
  const before = state ?? zeros([x.shape[0] as number, Math.max((weight.shape[1] as number) - 1, 0), x.shape[2] as number]);
  const [output, next] = causalConv1dOp([x, weight, bias, before], {}) as readonly [Tensor, Tensor];
  return { output, state: next };
}
