import { add, compile, createStream, type Device, gather, rmsNorm, type Tensor, tensor } from '@dla/core';
import { capacityOf, createReadoutParameters, type PolicyName, readoutWeights } from '@dla/memory';
import { type SwigluParameters, swiglu } from '../blocks/swiglu.js';
import { type LanguageModelConfig, type MemoryConfig, parseConfig, sizesOf } from '../config.js';
import { mamba2Mixer } from '../mamba2/mixer.js';
import { initialise, type ModelParameters } from '../mamba2/parameters.js';

export const allPolicies: readonly PolicyName[] = ['single', 'fixed', 'fenwick', 'dla'];

/** A model of every part in odd sizes: two layers, four heads in two groups, an MLP. */
export function tinyConfig(memory: Partial<MemoryConfig>, rest: Readonly<Record<string, unknown>> = {}): LanguageModelConfig {
  const sizes = { vocabularySize: 67, dModel: 26, layers: 2, headDim: 13, stateSize: 9, groups: 2, mlpRatio: 1.5 };
  return parseConfig({ ...sizes, ...rest, memory: { capacity: 8, ...memory } });
}

/**
 * The weights of a seed, changed so that wrong slots show: random weights of lambda in place of zeros (at lambda = 1 all
 * slots weigh alike), and steps and decay rates at which hundreds of tokens back still weigh in the output.
 */
export function initialiseSpread(config: LanguageModelConfig, seed: number): ModelParameters {
  const parameters = initialise(config, seed);
  const { heads } = sizesOf(config);
  const layers = parameters.layers.map((layer, index) => {
    const stream = createStream(seed, `layers.${index}.spread`);
    const normal = (_: string, count: number, deviation: number): Float32Array => stream.normal(count, 0, deviation);
    const dtBias = tensor(stream.uniform(heads, -1, 0.5));
    const aLog = tensor(stream.uniform(heads, -6, -3));
    const sizes = { modelWidth: config.dModel, heads, slots: capacityOf(config.memory), std: 0.3, normal };
    const readout = config.memory.policy === 'single' ? {} : createReadoutParameters(sizes);
    return { ...layer, mixer: { ...layer.mixer, dtBias, aLog, readout } };
  });
  return { ...parameters, layers };
}

/** Ids [1, time] with repeats, so that some tokens join the open slot. */
export function randomIds(config: LanguageModelConfig, time: number, seed: number): Int32Array {
  const stream = createStream(seed, 'ids');
  const ids = new Int32Array(time);
  for (let t = 0; t < time; t++) ids[t] = t > 0 && stream.next() < 0.35 ? (ids[t - 1] as number) : stream.integer(config.vocabularySize);
  return ids;
}

export function idsTensor(ids: Int32Array): Tensor {
  return tensor(ids, { shape: [1, ids.length] });
}

/** Least over layers and heads of the mean over tokens of (largest - least lambda); infinite where there is no lambda to spread. */
export async function lambdaSpread(device: Device, config: LanguageModelConfig, parameters: ModelParameters, ids: Int32Array): Promise<number> {
  if (config.memory.policy === 'single') return Infinity;
  const { heads } = sizesOf(config);
  const measure = compile(
    (weights: ModelParameters, tokens: Tensor) => {
      let x = gather(weights.embedding, tokens);
      return weights.layers.map((layer) => {
        const input = rmsNorm(x, layer.norm, config.normEpsilon);
        x = add(x, mamba2Mixer(config, layer.mixer, input).output);
        if (layer.mlp.norm !== undefined) x = add(x, swiglu(rmsNorm(x, layer.mlp.norm, config.normEpsilon), layer.mlp as SwigluParameters));
        return readoutWeights(input, layer.mixer.readout, heads);
      });
    },
    { device, name: 'lambda spread' },
  );
  const lambdas = await measure(parameters, idsTensor(ids));
  let least = Infinity;
  for (const lambda of lambdas) {
    const values = (await lambda.data()) as Float32Array;
    const slots = lambda.shape[3] as number;
    for (let head = 0; head < heads; head++) {
      let sum = 0;
      for (let t = 0; t < ids.length; t++) {
        const row = values.subarray((t * heads + head) * slots, (t * heads + head + 1) * slots);
        sum += Math.max(...row) - Math.min(...row);
      }
      least = Math.min(least, sum / ids.length);
    }
    lambda.dispose();
  }
  measure.dispose();
  return least;
}
