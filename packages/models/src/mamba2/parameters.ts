import { createStream, numerics, type RandomStream, type Tensor, tensor } from '@dla/core';
import { capacityOf, createReadoutParameters } from '@dla/memory';
import type { SwigluParameters } from '../blocks/swiglu.js';
import { type LanguageModelConfig, sizesOf } from '../config.js';

/** Weights of one Mamba-2 mixer. Names and layouts follow published checkpoints; `readout` holds the weights of lambda. */
export interface MixerParameters {
  readonly [name: string]: Tensor | { readonly [name: string]: Tensor };
  /** [2 inner + 2 groups K + heads, dModel]: gate z, values x, keys B, queries C, dt. */
  readonly inProj: Tensor;
  /** [convChannels, convWidth] */
  readonly convWeight: Tensor;
  /** [convChannels] */
  readonly convBias: Tensor;
  /** [heads], before softplus. */
  readonly dtBias: Tensor;
  /** [heads]; the decay rate is exp(aLog). */
  readonly aLog: Tensor;
  /** [heads]: the skip from values to outputs. */
  readonly d: Tensor;
  /** [inner] */
  readonly normWeight: Tensor;
  /** [dModel, inner] */
  readonly outProj: Tensor;
  /** weight [dModel, heads * M], bias [heads * M], scale [heads, M] (formula 5); empty for the `single` policy. */
  readonly readout: { readonly [name: string]: Tensor };
}

export interface LayerParameters {
  readonly [name: string]: Tensor | MixerParameters | SwigluParameters | { readonly [name: string]: Tensor };
  readonly norm: Tensor;
  readonly mixer: MixerParameters;
  /** Weights of the optional MLP and its norm; empty without one. */
  readonly mlp: SwigluParameters | { readonly [name: string]: Tensor };
}

export interface ModelParameters {
  readonly [name: string]: Tensor | readonly LayerParameters[] | { readonly [name: string]: Tensor };
  /** [vocabularySize, dModel] */
  readonly embedding: Tensor;
  readonly layers: readonly LayerParameters[];
  readonly finalNorm: Tensor;
  /** `weight` [vocabularySize, dModel]; empty where the embedding is tied. */
  readonly head: { readonly [name: string]: Tensor };
}

/**
 * Draw the weights of a model. Every tensor has a random stream of its own, named after its path, so the weights of
 * lambda shift no others: all slot policies of one seed share one backbone.
 */
export function initialise(config: LanguageModelConfig, seed: number): ModelParameters {
  const { dModel, vocabularySize } = config;
  const draw = drawer(seed);
  return {
    embedding: draw.normal('embedding', [vocabularySize, dModel], 0.02),
    layers: Array.from({ length: config.layers }, (_, index) => layerParameters(config, draw, `layers.${index}`)),
    finalNorm: ones([dModel]),
    head: config.tieEmbeddings ? {} : { weight: draw.normal('head.weight', [vocabularySize, dModel], dModel ** -0.5 * 0.5) },
  };
}

interface Drawer {
  normal(path: string, shape: readonly number[], std: number): Tensor;
  stream(path: string): RandomStream;
}

function drawer(seed: number): Drawer {
  const stream = (path: string): RandomStream => createStream(seed, path);
  return { stream, normal: (path, shape, std) => tensor(stream(path).normal(count(shape), 0, std), { shape }) };
}

function layerParameters(config: LanguageModelConfig, draw: Drawer, path: string): LayerParameters {
  const { dModel } = config;
  const { mlpWidth } = sizesOf(config);
  const residual = dModel ** -0.5 / Math.sqrt(2 * config.layers);
  return {
    norm: ones([dModel]),
    mixer: mixerParameters(config, draw, `${path}.mixer`),
    mlp:
      mlpWidth === 0
        ? {}
        : {
            norm: ones([dModel]),
            gate: draw.normal(`${path}.mlp.gate`, [mlpWidth, dModel], dModel ** -0.5),
            up: draw.normal(`${path}.mlp.up`, [mlpWidth, dModel], dModel ** -0.5),
            down: draw.normal(`${path}.mlp.down`, [dModel, mlpWidth], residual * Math.sqrt(dModel / mlpWidth)),
          },
  };
}

/** Decay rates uniform in [1, 16] and steps dt log-uniform in [0.001, 0.1], as in Mamba-2 (arXiv 2405.21060). */
function mixerParameters(config: LanguageModelConfig, draw: Drawer, path: string): MixerParameters {
  const { dModel, convWidth } = config;
  const { inner, heads, convChannels, projected } = sizesOf(config);
  const convLimit = convWidth ** -0.5;
  const steps = draw.stream(`${path}.dtBias`).uniform(heads, numerics.log(0.001), numerics.log(0.1));
  const rates = draw.stream(`${path}.aLog`).uniform(heads, 1, 16);
  return {
    inProj: draw.normal(`${path}.inProj`, [projected, dModel], dModel ** -0.5),
    convWeight: tensor(draw.stream(`${path}.convWeight`).uniform(convChannels * convWidth, -convLimit, convLimit), { shape: [convChannels, convWidth] }),
    convBias: zeros([convChannels]),
    dtBias: tensor(Float32Array.from(steps, inverseSoftplusOfExp)),
    aLog: tensor(Float32Array.from(rates, (rate) => numerics.log(rate))),
    d: ones([heads]),
    normWeight: ones([inner]),
    outProj: draw.normal(`${path}.outProj`, [dModel, inner], inner ** -0.5 / Math.sqrt(2 * config.layers)),
    readout: readoutParameters(config),
  };
}

/** softplus^-1(e^x) = e^x + log(1 - e^(-e^x)) */
function inverseSoftplusOfExp(x: number): number {
  const value = numerics.exp(x);
  return value + numerics.log(1 - numerics.exp(-value));
}

/** W = 0, b = 0, L = 1: lambda = 1, so a new model is its backbone whatever the policy. */
function readoutParameters(config: LanguageModelConfig): { readonly [name: string]: Tensor } {
  if (config.memory.policy === 'single') return {};
  return createReadoutParameters({ modelWidth: config.dModel, heads: sizesOf(config).heads, slots: capacityOf(config.memory) });
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

function zeros(shape: readonly number[]): Tensor {
  return tensor(new Float32Array(count(shape)), { shape });
}

function ones(shape: readonly number[]): Tensor {
  return tensor(new Float32Array(count(shape)).fill(1), { shape });
}
