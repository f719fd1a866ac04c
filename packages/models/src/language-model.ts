import { add, crossEntropyMean, DlaError, formatShape, gather, reshape, rmsNorm, slice, type Tensor, tensor } from '@dla/core';
import { createMemoryState, type Segmentation } from '@dla/memory';
import { linear } from './blocks/linear.js';
import { type SwigluParameters, swiglu } from './blocks/swiglu.js';
import { type LanguageModelConfig, sizesOf } from './config.js';
import { type MixerState, mamba2Mixer } from './mamba2/mixer.js';
import type { LayerParameters, ModelParameters } from './mamba2/parameters.js';

/** What a model carries from token to token, one entry a layer; its size in bytes never changes. */
export interface ModelState {
  readonly [name: string]: readonly MixerState[];
  readonly layers: readonly MixerState[];
}

export interface ForwardResult {
  /** [B, T, vocabularySize] */
  readonly logits: Tensor;
  /** Slot decisions of each layer; undefined for policies that decide nothing. */
  readonly segmentations: readonly (Segmentation | undefined)[];
  readonly state: ModelState | undefined;
}

/** Logits of every position by the parallel form; tokens i32 [B, T]. */
export function forward(config: LanguageModelConfig, parameters: ModelParameters, tokens: Tensor): ForwardResult {
  return run(config, parameters, tokens, undefined);
}

/**
 * Continue from `state` by the recurrent form; tokens i32 [B, T] is any piece of a stream, one token included.
 * Compile it with the state donated: memory is then updated in place.
 */
export function step(
  config: LanguageModelConfig,
  parameters: ModelParameters,
  state: ModelState,
  tokens: Tensor,
): ForwardResult & { readonly state: ModelState } {
  const result = run(config, parameters, tokens, state);
  return { ...result, state: result.state as ModelState };
}

/** Mean cross-entropy in nats a token; tokens and targets i32 [B, T], targets of -1 are ignored. */
export function loss(config: LanguageModelConfig, parameters: ModelParameters, tokens: Tensor, targets: Tensor): Tensor {
  return forwardLoss(config, parameters, tokens, targets).loss;
}

/** {@link loss} together with the forward pass it came from. */
export function forwardLoss(
  config: LanguageModelConfig,
  parameters: ModelParameters,
  tokens: Tensor,
  targets: Tensor,
): ForwardResult & { readonly loss: Tensor } {
  const result = forward(config, parameters, tokens);
  const rows = reshape(result.logits, [tokens.size, config.vocabularySize]);
  return { ...result, loss: crossEntropyMean(rows, reshape(targets, [tokens.size])) };
}

/** The state before any token: host tensors, so any device can take them. */
export function createState(config: LanguageModelConfig, batch = 1): ModelState {
  const { heads, convChannels } = sizesOf(config);
  const { groups, stateSize, headDim, convWidth } = config;
  const history = [batch, convWidth - 1, convChannels];
  return {
    layers: Array.from({ length: config.layers }, () => ({
      conv: tensor(new Float32Array(batch * (convWidth - 1) * convChannels), { shape: history }),
      memory: createMemoryState({ batch, heads, groups, keyWidth: stateSize, valueWidth: headDim, policy: config.memory }),
    })),
  };
}

/** The last position's logits: [B, T, V] -> [B, V]. */
export function lastLogits(logits: Tensor): Tensor {
  const [batch, time, width] = logits.shape as [number, number, number];
  return reshape(slice(logits, [0, time - 1, 0], [batch, time, width]), [batch, width]);
}

function run(config: LanguageModelConfig, parameters: ModelParameters, tokens: Tensor, state: ModelState | undefined): ForwardResult {
  if (tokens.shape.length !== 2 || tokens.size === 0 || tokens.dtype !== 'i32')
    throw new DlaError('shape', 'tokens must be a batch of sequences', {
      where: 'language model',
      expected: 'i32 [B, T], neither zero',
      found: `${tokens.dtype} ${formatShape(tokens.shape)}`,
    });
  let x = gather(parameters.embedding, tokens);
  const segmentations: (Segmentation | undefined)[] = [];
  const states: MixerState[] = [];
  parameters.layers.forEach((layer, index) => {
    const mixed = mamba2Mixer(config, layer.mixer, rmsNorm(x, layer.norm, config.normEpsilon), state?.layers[index]);
    segmentations.push(mixed.segmentation);
    if (mixed.state !== undefined) states.push(mixed.state);
    x = withMlp(config, layer, add(x, mixed.output));
  });
  const logits = linear(rmsNorm(x, parameters.finalNorm, config.normEpsilon), parameters.head.weight ?? parameters.embedding);
  return { logits, segmentations, state: state === undefined ? undefined : { layers: states } };
}

function withMlp(config: LanguageModelConfig, layer: LayerParameters, x: Tensor): Tensor {
  const { norm } = layer.mlp;
  return norm === undefined ? x : add(x, swiglu(rmsNorm(x, norm, config.normEpsilon), layer.mlp as SwigluParameters));
}
