import { add, causalConv1d, exp, gatedRmsNorm, mul, neg, reshape, silu, slice, softplus, type Tensor } from '@dla/core';
import { dlaMemory, type MemoryState, readoutWeights, type Segmentation } from '@dla/memory';
import { linear } from '../blocks/linear.js';
import { type LanguageModelConfig, type ModelSizes, sizesOf } from '../config.js';
import type { MixerParameters } from './parameters.js';

/** What one layer carries from token to token. */
export interface MixerState {
  readonly [name: string]: Tensor | MemoryState;
  /** The last convWidth - 1 inputs of the convolution: [B, convWidth - 1, convChannels]. */
  readonly conv: Tensor;
  readonly memory: MemoryState;
}

export interface MixerResult {
  /** [B, T, dModel] */
  readonly output: Tensor;
  /** What the slot policy decided; absent for policies that decide nothing (`single`, `fenwick`). */
  readonly segmentation: Segmentation | undefined;
  /** Present in the recurrent form. */
  readonly state: MixerState | undefined;
}

/**
 * The Mamba-2 mixer (arXiv 2405.21060) over multi-state memory. x is the normalised residual stream [B, T, dModel].
 *
 *     z, xBC, dt = x W_in;  v, k, q = silu(conv(xBC));  dt = softplus(dt + bias);  g = -dt exp(A_log)
 *     o = memory(q, k, dt v, g; lambda(x)) + D v;       y = rmsnorm(o silu(z)) W_out
 *
 * Without `state` the parallel form runs over the whole sequence; with it the recurrent form continues from it.
 */
export function mamba2Mixer(config: LanguageModelConfig, parameters: MixerParameters, x: Tensor, state?: MixerState): MixerResult {
  const sizes = sizesOf(config);
  const { inner, heads, convChannels } = sizes;
  const [batch, time] = x.shape as [number, number];
  const projected = linear(x, parameters.inProj);
  const z = columns(projected, 0, inner);
  const convolved = causalConv1d(columns(projected, inner, inner + convChannels), parameters.convWeight, parameters.convBias, state?.conv);
  const { values, keys, queries } = splitChannels(config, sizes, silu(convolved.output));
  const dt = softplus(add(columns(projected, inner + convChannels, inner + convChannels + heads), parameters.dtBias));
  const g = neg(mul(dt, exp(parameters.aLog)));
  const written = mul(values, reshape(dt, [batch, time, heads, 1]));
  const hasReadout = parameters.readout.scale !== undefined;
  const memory = dlaMemory({
    q: queries,
    k: keys,
    v: written,
    g,
    ...(hasReadout ? { lambda: readoutWeights(x, parameters.readout, heads) } : {}),
    policy: config.memory,
    form: state === undefined ? 'parallel' : 'recurrent',
    ...(state === undefined ? {} : { state: state.memory }),
  });
  const skipped = add(memory.output, mul(values, reshape(parameters.d, [heads, 1])));
  const normed = gatedRmsNorm(reshape(skipped, [batch, time, inner]), z, parameters.normWeight, config.normEpsilon);
  return {
    output: linear(normed, parameters.outProj),
    segmentation: memory.segmentation,
    state: memory.state === undefined ? undefined : { conv: convolved.state, memory: memory.state },
  };
}

function columns(x: Tensor, start: number, end: number): Tensor {
  return slice(x, [0, 0, start], [x.shape[0] as number, x.shape[1] as number, end]);
}

function splitChannels(
  config: LanguageModelConfig,
  { inner, heads }: ModelSizes,
  channels: Tensor,
): { values: Tensor; keys: Tensor; queries: Tensor } {
  const [batch, time] = channels.shape as [number, number];
  const { groups, stateSize, headDim } = config;
  const shared = groups * stateSize;
  return {
    values: reshape(columns(channels, 0, inner), [batch, time, heads, headDim]),
    keys: reshape(columns(channels, inner, inner + shared), [batch, time, groups, stateSize]),
    queries: reshape(columns(channels, inner + shared, inner + 2 * shared), [batch, time, groups, stateSize]),
  };
}
