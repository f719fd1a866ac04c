import { compile, type Device, flatten, mapTree, type Tensor, upload } from '@dla/core';
import { type MergeLog, mergeLogs } from '@dla/memory';
import { type LanguageModelConfig, sizesOf } from '../config.js';
import { createState, forward, type ModelState, step } from '../language-model.js';
import type { ModelParameters } from '../mamba2/parameters.js';
import { idsTensor } from './tiny-models.js';

/** What a model said about a stream, and what it did to its memory. */
export interface StreamRun {
  /** [T, vocabularySize] */
  readonly logits: Float32Array;
  /** For each layer one log a head; empty for policies that decide nothing. */
  readonly logs: readonly (readonly MergeLog[])[];
  /** Bytes of the state's buffers after every piece; empty for the parallel form. */
  readonly stateBytes: readonly number[];
}

type Outputs = { readonly logits: Tensor; readonly decided: ({ readonly opened: Tensor; readonly mergedAt: Tensor } | undefined)[] };

const outputsOf = ({ logits, segmentations }: Pick<ReturnType<typeof forward>, 'logits' | 'segmentations'>): Outputs => ({
  logits,
  decided: segmentations.map((made) => (made === undefined ? undefined : { opened: made.opened, mergedAt: made.mergedAt })),
});

async function readOutputs(config: LanguageModelConfig, { logits, decided }: Outputs, logs: MergeLog[][]): Promise<Float32Array> {
  const shape = [1, logits.shape[1] as number, sizesOf(config).heads] as const;
  const reads = decided.map(async (made, layer) => {
    if (made === undefined) return;
    const [opened, mergedAt] = await Promise.all([made.opened.data(), made.mergedAt.data()]);
    logs[layer] = mergeLogs({ opened, mergedAt }, shape, logs[layer]);
  });
  const [values] = await Promise.all([logits.data(), ...reads]);
  for (const leaf of flatten<Tensor | undefined>({ logits, decided }).leaves) leaf?.dispose();
  return values as Float32Array;
}

/** The whole stream by the parallel form. */
export async function runParallel(device: Device, config: LanguageModelConfig, parameters: ModelParameters, ids: Int32Array): Promise<StreamRun> {
  const run = compile((weights: ModelParameters, tokens: Tensor) => outputsOf(forward(config, weights, tokens)), { device, name: 'parallel' });
  const logs: MergeLog[][] = [];
  const logits = await readOutputs(config, await run(parameters, idsTensor(ids)), logs);
  run.dispose();
  return { logits, logs, stateBytes: [] };
}

/** The stream by the recurrent form: one run for each split, a list of the lengths of its pieces. */
export async function runSplits(
  device: Device,
  config: LanguageModelConfig,
  parameters: ModelParameters,
  ids: Int32Array,
  splits: readonly (readonly number[])[],
): Promise<StreamRun[]> {
  const weights = mapTree(parameters, (value: Tensor) => upload(value, device)) as ModelParameters;
  const advance = compile(
    (inner: ModelParameters, before: ModelState, tokens: Tensor) => {
      const result = step(config, inner, before, tokens);
      return { ...outputsOf(result), state: result.state };
    },
    { device, donate: [1], name: 'recurrent' },
  );
  const runs: StreamRun[] = [];
  for (const lengths of splits) {
    let state = mapTree(createState(config), (value: Tensor) => upload(value, device)) as ModelState;
    const logits = new Float32Array(ids.length * config.vocabularySize);
    const logs: MergeLog[][] = [];
    const stateBytes: number[] = [];
    let position = 0;
    for (const length of lengths) {
      const result = await advance(weights, state, idsTensor(ids.slice(position, position + length)));
      state = result.state;
      logits.set(await readOutputs(config, result, logs), position * config.vocabularySize);
      stateBytes.push(bufferBytes(state));
      position += length;
    }
    for (const leaf of flatten<Tensor>(state).leaves) leaf.dispose();
    runs.push({ logits, logs, stateBytes });
  }
  for (const leaf of flatten<Tensor>(weights).leaves) leaf.dispose();
  advance.dispose();
  return runs;
}

/** Bytes of the device buffers that a state lies in. */
function bufferBytes(state: ModelState): number {
  return flatten<Tensor>(state).leaves.reduce((sum, { source }) => sum + (source.kind === 'device' ? source.buffer.bytes : Number.NaN), 0);
}

/** Largest |a - b|; infinite where something is not a number. */
export function worstDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity;
  return a.reduce((worst, value, index) => {
    const difference = Math.abs(value - (b[index] as number));
    return Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
  }, 0);
}

/** Merges over all layers and heads. */
export function mergeCount(run: StreamRun): number {
  return run.logs.flat().reduce((sum, log) => sum + log.merges, 0);
}
