import { type AdamWState, argmax, compile, createAdamW, createSchedule, type Device, DlaError, type Tensor, tensor, valueAndGrad } from '@dla/core';
import { forward, initialise, type LanguageModelConfig, loss, type ModelParameters } from '@dla/models';
import { accuracyByPairs, createMqar, type MqarAccuracy, type MqarExample } from './mqar.js';

/** Examples a batch; predictions are made for whole batches at a time. */
const batch = 16;

/**
 * A model's MQAR accuracy by number of pairs: the likeliest token at every query. All examples must have one length; the
 * last batch is filled up with repeats, which are not counted.
 *
 * @throws DlaError `argument` for no examples or examples of different lengths.
 */
export async function mqarAccuracy(
  config: LanguageModelConfig,
  parameters: ModelParameters,
  device: Device,
  examples: readonly MqarExample[],
): Promise<MqarAccuracy[]> {
  const length = lengthOf(examples);
  const predict = compile((weights: ModelParameters, tokens: Tensor) => argmax(forward(config, weights, tokens).logits), {
    device,
    name: 'MQAR prediction',
  });
  const predictions: Int32Array[] = [];
  try {
    for (let start = 0; start < examples.length; start += batch) {
      const rows = Array.from({ length: batch }, (_, row) => examples[Math.min(start + row, examples.length - 1)] as MqarExample);
      const result = await predict(parameters, rowsOf(rows, 'inputs', length));
      const tokens = (await result.data()) as Int32Array;
      result.dispose();
      for (let row = 0; row < Math.min(batch, examples.length - start); row++) predictions.push(tokens.slice(row * length, (row + 1) * length));
    }
  } finally {
    predict.dispose();
  }
  return accuracyByPairs(predictions, examples);
}

export interface MqarRunOptions {
  readonly config: LanguageModelConfig;
  readonly device: Device;
  /** Tokens an example. */
  readonly length: number;
  /** Numbers of pairs trained on, mixed evenly, and scored one by one. */
  readonly pairs: readonly number[];
  readonly steps: number;
  /** Default 1e-3. */
  readonly learningRate?: number;
  readonly seed: number;
  /** Examples scored for each number of pairs; default 128. They come from a seed of their own. */
  readonly scored?: number;
}

/** Train a model on MQAR from one seed and score it on fresh examples. */
export async function runMqar({
  config,
  device,
  length,
  pairs,
  steps,
  learningRate = 1e-3,
  seed,
  scored = 128,
}: MqarRunOptions): Promise<MqarAccuracy[]> {
  const optimiser = createAdamW({ clipNorm: 1 });
  const schedule = createSchedule({ kind: 'cosine', peak: learningRate, warmup: Math.ceil(steps / 10), total: steps });
  const sizes = { vocabularySize: config.vocabularySize, length };
  const perStep = Math.ceil(batch / pairs.length);
  const drawn = pairs.map((count) => createMqar({ ...sizes, pairs: count, examples: perStep * steps, seed }));
  let parameters = initialise(config, seed);
  let state: AdamWState<ModelParameters> = optimiser.init(parameters);
  const step = compile(
    (weights: ModelParameters, moments: AdamWState<ModelParameters>, tokens: Tensor, targets: Tensor, controls: Tensor) => {
      const [, gradient] = valueAndGrad((inner: ModelParameters) => loss(config, inner, tokens, targets))(weights);
      const updated = optimiser.update(weights, gradient, moments, controls);
      return { weights: updated.params, moments: updated.state };
    },
    { device, donate: [0, 1], name: 'MQAR training step' },
  );
  try {
    for (let index = 1; index <= steps; index++) {
      const rows = drawn.flatMap((examples) => examples.slice((index - 1) * perStep, index * perStep)).slice(0, batch);
      const result = await step(
        parameters,
        state,
        rowsOf(rows, 'inputs', length),
        rowsOf(rows, 'targets', length),
        optimiser.controlsFor(index, schedule(index)),
      );
      parameters = result.weights;
      state = result.moments;
    }
  } finally {
    step.dispose();
  }
  return mqarAccuracy(
    config,
    parameters,
    device,
    pairs.flatMap((count) => createMqar({ ...sizes, pairs: count, examples: scored, seed: seed + 1_000_003 })),
  );
}

function rowsOf(examples: readonly MqarExample[], field: 'inputs' | 'targets', length: number): Tensor {
  const data = new Int32Array(examples.length * length);
  examples.forEach((example, row) => {
    data.set(example[field], row * length);
  });
  return tensor(data, { shape: [examples.length, length] });
}

function lengthOf(examples: readonly MqarExample[]): number {
  const length = examples[0]?.inputs.length ?? 0;
  const other = examples.find(({ inputs }) => inputs.length !== length);
  if (length === 0 || other !== undefined)
    throw new DlaError('argument', 'examples must be there and have one length', {
      where: 'mqarAccuracy',
      expected: String(length || 'at least one example'),
      found: other === undefined ? 'none' : String(other.inputs.length),
    });
  return length;
}
