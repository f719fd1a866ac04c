import { createStream, fill, numerics, type RandomStream, type Tensor, tensor } from '@dla/core';
import { capacityOf } from '@dla/memory';
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
  /** weight [dModel, heads * M] (or its factors, down and up), bias [heads * M], scale [heads, M] (formula 5); empty for the `single` policy. */
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
  const random = (path: string, shape: readonly number[], draw: (stream: RandomStream, count: number) => Float32Array): Tensor =>
    tensor(draw(createStream(seed, path), count(shape)), { shape });
  return build(config, { random, constant: (shape, value) => tensor(new Float32Array(count(shape)).fill(value), { shape }) });
}

/** The tree of a model's weights as lazy zeros: names and shapes without memory. */
export function parameterShapes(config: LanguageModelConfig): ModelParameters {
  return build(config, { random: (_, shape) => fill(shape, 0), constant: (shape) => fill(shape, 0) });
}

/** Number of weights, without making any; may pass 2^53 for absurd configs, then rounded. */
export function countParameters(config: LanguageModelConfig): number {
  const { dModel, vocabularySize, convWidth } = config;
  const { inner, heads, convChannels, projected, mlpWidth } = sizesOf(config);
  const slots = config.memory.policy === 'single' ? 0 : capacityOf(config.memory);
  const readout = slots * heads * (dModel + 2);
  const mixer = projected * dModel + convChannels * (convWidth + 1) + 3 * heads + inner + dModel * inner + readout;
  const mlp = mlpWidth === 0 ? 0 : dModel + 3 * mlpWidth * dModel;
  return vocabularySize * dModel * (config.tieEmbeddings ? 1 : 2) + config.layers * (dModel + mixer + mlp) + dModel;
}

/** How the tensors of a model are made. */
interface Maker {
  random(path: string, shape: readonly number[], draw: (stream: RandomStream, count: number) => Float32Array): Tensor;
  constant(shape: readonly number[], value: number): Tensor;
}

function normal(make: Maker, path: string, shape: readonly number[], std: number): Tensor {
  return make.random(path, shape, (stream, size) => stream.normal(size, 0, std));
}

function build(config: LanguageModelConfig, make: Maker): ModelParameters {
  const { dModel, vocabularySize } = config;
  return {
    embedding: normal(make, 'embedding', [vocabularySize, dModel], 0.02),
    layers: Array.from({ length: config.layers }, (_, index) => layerParameters(config, make, `layers.${index}`)),
    finalNorm: make.constant([dModel], 1),
    head: config.tieEmbeddings ? {} : { weight: normal(make, 'head.weight', [vocabularySize, dModel], dModel ** -0.5 * 0.5) },
  };
}

function layerParameters(config: LanguageModelConfig, make: Maker, path: string): LayerParameters {
  const { dModel } = config;
  const { mlpWidth } = sizesOf(config);
  const residual = dModel ** -0.5 / Math.sqrt(2 * config.layers);
  return {
    norm: make.constant([dModel], 1),
    mixer: mixerParameters(config, make, `${path}.mixer`),
    mlp:
      mlpWidth === 0
        ? {}
        : {
            norm: make.constant([dModel], 1),
            gate: normal(make, `${path}.mlp.gate`, [mlpWidth, dModel], dModel ** -0.5),
            up: normal(make, `${path}.mlp.up`, [mlpWidth, dModel], dModel ** -0.5),
            down: normal(make, `${path}.mlp.down`, [dModel, mlpWidth], residual * Math.sqrt(dModel / mlpWidth)),
          },
  };
}

/** Decay rates uniform in [1, 16] and steps dt log-uniform in [0.001, 0.1], as in Mamba-2 (arXiv 2405.21060). */
function mixerParameters(config: LanguageModelConfig, make: Maker, path: string): MixerParameters {
  const { dModel, convWidth } = config;
  const { inner, heads, convChannels, projected } = sizesOf(config);
  const convLimit = convWidth ** -0.5;
  const [least, most] = [numerics.log(0.001), numerics.log(0.1)];
  return {
    inProj: normal(make, `${path}.inProj`, [projected, dModel], dModel ** -0.5),
    convWeight: make.random(`${path}.convWeight`, [convChannels, convWidth], (stream, size) => stream.uniform(size, -convLimit, convLimit)),
    convBias: make.constant([convChannels], 0),
    dtBias: make.random(`${path}.dtBias`, [heads], (stream, size) => stream.uniform(size, least, most).map(inverseSoftplusOfExp)),
    aLog: make.random(`${path}.aLog`, [heads], (stream, size) => stream.uniform(size, 1, 16).map((rate) => numerics.log(rate))),
    d: make.constant([heads], 1),
    normWeight: make.constant([inner], 1),
    outProj: normal(make, `${path}.outProj`, [dModel, inner], inner ** -0.5 / Math.sqrt(2 * config.layers)),
    readout: readoutParameters(config, make),
  };
}

/** softplus^-1(e^x) = e^x + log(1 - e^(-e^x)) */
function inverseSoftplusOfExp(x: number): number {
  const value = numerics.exp(x);
  return value + numerics.log(1 - numerics.exp(-value));
}

/** W = 0, b = 0, L = 1: lambda = 1, so a new model is its backbone whatever the policy. Layout as `createReadoutParameters`. */
function readoutParameters(config: LanguageModelConfig, make: Maker): { readonly [name: string]: Tensor } {
  if (config.memory.policy === 'single') return {};
  const { heads } = sizesOf(config);
  const slots = capacityOf(config.memory);
  return {
    weight: make.constant([config.dModel, heads * slots], 0),
    bias: make.constant([heads * slots], 0),
    scale: make.constant([heads, slots], 1),
  };
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
