import { type AdamWState, compile, createAdamW, type Device, flatten, type Tensor, tensor, unflatten, valueAndGradWithAux } from '@dla/core';
import type { Segmentation } from '@dla/memory';
import { type LanguageModelConfig, parseConfig } from '../config.js';
import { forwardLoss } from '../language-model.js';
import { initialise, type ModelParameters } from '../mamba2/parameters.js';
import { byteTokenizer } from '../tokenizer/byte.js';

/** Text of our own, with words that come back, so that a few steps of training have something to find. */
const text = `A memory that never grows must choose what to keep. It reads a word, and asks whether the word belongs to what came
before. If it does, the two are kept as one; if it does not, a new page is opened. When all the pages are full, the two
neighbours that say the least are bound together, and the book goes on. A long book read this way leaves few pages, and
each of them holds a stretch of the story. What was said once is said faintly; what was said often is said clearly. The
last page is always open, and the first page is always old. To read the memory is to weigh its pages, the near ones and
the far ones, each by a number of its own. So a memory that never grows may still remember, if it chooses well.\n`;

export const referenceRun = { batch: 2, time: 40, seed: 11, learningRate: 3e-3 } as const;

/** A small model of every part: two layers, an MLP, shared keys, more tokens than slots. */
export const referenceModel: LanguageModelConfig = parseConfig({
  dModel: 24,
  layers: 2,
  headDim: 16,
  stateSize: 8,
  groups: 1,
  mlpRatio: 2,
  memory: { policy: 'dla', capacity: 6 },
});

/** What one layer's slot policy decided in a step; all arrays [B, T, H]. */
export interface LayerRecord {
  readonly heads: number;
  readonly opened: readonly number[];
  readonly mergedAt: readonly number[];
  readonly score: readonly number[];
  /** How close each decision was. */
  readonly gap: readonly number[];
}

/** Plain JSON, so that a page can hand it over. */
export interface ReferenceRunStep {
  readonly loss: number;
  /** One record for each layer that decides. */
  readonly layers: readonly LayerRecord[];
}

/** The reference model in training: each call takes one step on the next window of the text. */
export interface ReferenceTraining {
  step(): Promise<ReferenceRunStep>;
  /** The weights so far, as host tensors. */
  weights(): Promise<ModelParameters>;
  dispose(): void;
}

/** Start training the reference model from its seed on a device. */
export function createReferenceTraining(device: Device, model: LanguageModelConfig = referenceModel): ReferenceTraining {
  const { batch, time, seed, learningRate } = referenceRun;
  const bytes = byteTokenizer.encode(text);
  const optimiser = createAdamW({ clipNorm: 1, weightDecay: 0.01 });
  let parameters = initialise(model, seed);
  let state: AdamWState<ModelParameters> = optimiser.init(parameters);
  const step = compile(
    (weights: ModelParameters, moments: AdamWState<ModelParameters>, tokens: Tensor, targets: Tensor, controls: Tensor) => {
      const { loss, aux, gradient } = valueAndGradWithAux((inner: ModelParameters) => {
        const result = forwardLoss(model, inner, tokens, targets);
        return { loss: result.loss, aux: result.segmentations };
      })(weights);
      const updated = optimiser.update(weights, gradient, moments, controls);
      return { loss, decided: aux.filter((made) => made !== undefined), weights: updated.params, moments: updated.state };
    },
    { device, donate: [0, 1], name: 'reference run' },
  );
  let index = 0;
  const window = (offset: number): Tensor => {
    const start = (row: number): number => ((index * batch + row) * 97) % (bytes.length - time - 1);
    const ids = Int32Array.from({ length: batch * time }, (_, at) => bytes[start(Math.floor(at / time)) + (at % time) + offset] as number);
    return tensor(ids, { shape: [batch, time] });
  };
  return {
    async step() {
      index++;
      const result = await step(parameters, state, window(0), window(1), optimiser.controlsFor(index, learningRate));
      parameters = result.weights;
      state = result.moments;
      const [loss, ...layers] = await Promise.all([result.loss.item(), ...result.decided.map(recordOf)]);
      for (const value of [result.loss, ...result.decided.flatMap((made) => Object.values(made) as Tensor[])]) value.dispose();
      return { loss, layers };
    },
    async weights() {
      const { leaves, structure } = flatten<Tensor>(parameters);
      const copies = leaves.map(async (leaf) => tensor(await leaf.data(), { shape: leaf.shape }));
      return unflatten(structure, await Promise.all(copies)) as ModelParameters;
    },
    dispose() {
      step.dispose();
      for (const leaf of flatten<Tensor>([parameters, state]).leaves) leaf.dispose();
    },
  };
}

async function recordOf({ opened, mergedAt, score, gap }: Segmentation): Promise<LayerRecord> {
  const [a, b, c, d] = await Promise.all([opened, mergedAt, score, gap].map(async (value) => Array.from(await value.data())));
  return { heads: opened.shape[2] as number, opened: a as number[], mergedAt: b as number[], score: c as number[], gap: d as number[] };
}

/**
 * Train the reference model from one seed on a device. Every device must give the same losses within float32 rounding;
 * where a slot decision differs first, its gap must be within the score's error.
 */
export async function runReference(device: Device, steps: number, model: LanguageModelConfig = referenceModel): Promise<ReferenceRunStep[]> {
  const training = createReferenceTraining(device, model);
  const history: ReferenceRunStep[] = [];
  for (let index = 0; index < steps; index++) history.push(await training.step());
  training.dispose();
  return history;
}

export interface RunComparison {
  /** Largest difference of losses over all steps. */
  readonly worstLoss: number;
  /** Decisions taken by both (to open or not, which pair to merge), and how many of them differ. */
  readonly decisions: number;
  readonly differing: number;
  /** Among the first differing decisions (of each head, in the first layer and step that differ): the largest gap. */
  readonly firstGap: number;
  /** The least error bound of the scores there, 1e-6 / max(I, 1e-3) with I the lane's least score so far. */
  readonly firstBound: number;
}

/** Compare two runs step by step. */
export function compareRuns(a: readonly ReferenceRunStep[], b: readonly ReferenceRunStep[]): RunComparison {
  const result = { worstLoss: a.length === b.length ? 0 : Infinity, decisions: 0, differing: 0, firstGap: 0, firstBound: 0 };
  a.forEach((step, index) => {
    const other = b[index];
    if (other === undefined) return;
    result.worstLoss = Math.max(result.worstLoss, Math.abs(step.loss - other.loss));
    step.layers.forEach((mine, layer) => {
      const theirs = other.layers[layer] as LayerRecord;
      const differs = (at: number): boolean => mine.opened[at] !== theirs.opened[at] || mine.mergedAt[at] !== theirs.mergedAt[at];
      const places = mine.opened.map((_, at) => at).filter(differs);
      if (result.differing === 0 && places.length > 0) Object.assign(result, firstDifference(mine, theirs, places));
      result.decisions += mine.opened.length;
      result.differing += places.length;
    });
  });
  return result;
}

/** Section 6 of the design: scores differ between devices by up to 1e-6 / max(I, 1e-3); merge keys are means of scores. */
function firstDifference(mine: LayerRecord, theirs: LayerRecord, places: readonly number[]): { firstGap: number; firstBound: number } {
  const { time } = referenceRun;
  const lane = (at: number): number => Math.floor(at / (time * mine.heads)) * mine.heads + (at % mine.heads);
  let [firstGap, firstBound] = [0, Infinity];
  const seen = new Set<number>();
  for (const at of places) {
    if (seen.has(lane(at))) continue;
    seen.add(lane(at));
    const before = mine.score.filter((_, other) => other <= at && lane(other) === lane(at));
    firstGap = Math.max(firstGap, Math.min(mine.gap[at] as number, theirs.gap[at] as number));
    firstBound = Math.min(firstBound, 1e-6 / Math.max(Math.min(...before), 1e-3));
  }
  return { firstGap, firstBound };
}
