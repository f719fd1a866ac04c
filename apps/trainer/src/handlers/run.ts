import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type AdamWState, createSchedule, createStream, DlaError, flatten, readSafetensors, type Tensor, tensor, unflatten, writeSafetensors } from '@dla/core';
import { initialise, type LanguageModelConfig, type ModelParameters, parseConfig } from '@dla/models';
import { encodeCheckpoint, fileOf, parseState, type RunState } from '../checkpoint/contents.js';
import { type CheckpointStore, createCheckpointStore, type StoredCheckpoint } from '../checkpoint/store.js';
import type { CommandIo } from '../commands/handlers.js';
import { modelConfigOf } from '../config/model-config.js';
import type { Config } from '../config/schema.js';
import { type Corpus, loadCorpus } from '../data/corpus.js';
import { type BatchSampler, createSampler, validationBatches } from '../data/sampler.js';
import { createMetricsWriter, createProgress, duration } from '../progress.js';
import { lockRunFolder } from '../run-folder/lock.js';
import { listenForStop } from '../run-folder/signals.js';
import { openDevice } from '../training/devices.js';
import { snapshot, type TrainProgress, trainLoop } from '../training/train-loop.js';
import { createOptimiser, type OptimiserOptions } from '../training/train-step.js';
import { modelOf } from './load-model.js';

export type Continuation =
  /** A new run; a folder that holds checkpoints is refused. */
  | 'new'
  /** Go on from the newest checkpoint; there must be one. */
  | 'resume'
  /** Go on if there is something to go on from. */
  | 'either';

export interface RunResult {
  /** Folder of the last checkpoint. */
  readonly checkpoint: string;
  readonly step: number;
  readonly parameters: number;
  /** Nats a token at the last evaluation; NaN if there was none. */
  readonly validationLoss: number;
  /** Seconds of training in this process. */
  readonly seconds: number;
  readonly corpus: Corpus;
  readonly device: string;
  /** 0, or 130/143 after a signal. */
  readonly exitCode: number;
}

/** Everything a run starts from: new weights, or those of a checkpoint. */
interface StartingPoint {
  readonly step: number;
  readonly parameters: ModelParameters;
  readonly optimiser: AdamWState<ModelParameters> | undefined;
  readonly state: RunState | undefined;
  readonly path: string;
}

/** Train as the config says, in a locked run folder, with checkpoints, metrics and a progress line. */
export async function runTraining(config: Config, continuation: Continuation, io: CommandIo): Promise<RunResult> {
  const say = (line: string): void => void io.stderr.write(`${line}\n`);
  const model = parseConfig(modelConfigOf(config), 'config: model');
  const corpus = loadCorpus(config.data);
  const lock = await lockRunFolder(config.out);
  try {
    const store = createCheckpointStore(config.out, { keep: config.train.keep, notice: say });
    for (const name of await store.removeStrays()) say(`removed ${name}, left by an interrupted save`);
    const start = await startingPoint(config, model, store, continuation, say);
    return await lockedRun(config, model, corpus, store, start, io, say);
  } finally {
    lock.release();
  }
}

async function lockedRun(config: Config, model: LanguageModelConfig, corpus: Corpus, store: CheckpointStore, start: StartingPoint, io: CommandIo, say: (line: string) => void): Promise<RunResult> {
  const { train } = config;
  const { device, reason } = await openDevice(config.device, config.threads === 0 ? undefined : config.threads);
  const parameters = flatten<Tensor>(start.parameters).leaves.reduce((sum, leaf) => sum + leaf.size, 0);
  say(corpus.description);
  say(`model: ${describeModel(model)}, ${parameters.toLocaleString('en')} parameters`);
  say(`device: ${device.description} (${reason})`);
  if (start.step > 0) say(`going on from ${start.path}`);
  const sampler = createSampler(corpus.train, train, (epoch, order) => void createStream(train.seed, `data order ${epoch}`).shuffle(order));
  if (start.state !== undefined) sampler.restore(start.state.cursor);
  const progress = createProgress(io.stderr);
  const metrics = createMetricsWriter(join(config.out, 'metrics.jsonl'));
  const stop = listenForStop((line) => progress.note(line));
  const tokens = train.batch * train.context;
  let validationLoss = start.state?.metrics.validationLoss ?? Number.NaN;
  let checkpoint = start.path;
  const began = performance.now();
  try {
    metrics.write({ event: start.step === 0 ? 'start' : 'resume', step: start.step, device: device.description, parameters });
    const end = await trainLoop(
      {
        model,
        device,
        optimiser: optimiserOptions(config),
        batch: train.batch,
        context: train.context,
        steps: train.steps,
        learningRate: createSchedule({ kind: train.schedule, peak: train.learningRate, warmup: Math.min(train.warmup, train.steps), total: train.steps, floor: train.floorFraction }),
        nextBatch: () => sampler.nextBatch(),
        validation: validationBatches(corpus.validation, { batch: train.batch, context: train.context, batches: train.evalBatches }),
        evalEvery: train.evalEvery,
        saveEvery: train.saveEvery,
      },
      { step: start.step, parameters: start.parameters, validationLoss, ...(start.optimiser === undefined ? {} : { optimiser: start.optimiser }) },
      {
        onStep: (report) => {
          const tokensPerSecond = (tokens / report.milliseconds) * 1000;
          metrics.write({ step: report.step, loss: report.loss, gradientNorm: report.gradientNorm, learningRate: report.learningRate, tokensPerSecond, skipped: report.skipped });
          if (report.skipped) progress.note(`step ${report.step}: the gradient is not finite; nothing was updated`);
          progress.update({ step: report.step, steps: train.steps, loss: report.loss, tokensPerSecond, validationLoss, milliseconds: report.milliseconds });
        },
        onEvaluate: (report) => {
          validationLoss = report.validationLoss;
          metrics.write({ step: report.step, validationLoss });
          progress.note(`step ${report.step}  validation loss ${validationLoss.toFixed(4)} nats/byte`);
        },
        save: async (reached) => {
          checkpoint = await save(config, model, store, sampler, reached);
          metrics.sync();
        },
        stopRequested: () => stop.requested(),
      },
    );
    progress.end();
    const seconds = (performance.now() - began) / 1000;
    if (stop.requested()) say(`saved ${checkpoint} at step ${end.step} of ${train.steps}; --resume goes on from there`);
    else say(`trained to step ${end.step} in ${duration(seconds)}; saved ${checkpoint}`);
    return { checkpoint, step: end.step, parameters, validationLoss: end.validationLoss, seconds, corpus, device: device.description, exitCode: stop.exitCode() };
  } finally {
    progress.end();
    stop.dispose();
    metrics.close();
    device.dispose();
  }
}

async function startingPoint(config: Config, model: LanguageModelConfig, store: CheckpointStore, continuation: Continuation, say: (line: string) => void): Promise<StartingPoint> {
  const newest = await store.newest();
  if (newest === undefined) {
    if (continuation === 'resume') throw new DlaError('format', 'holds no checkpoint to resume from', { where: config.out });
    return { step: 0, parameters: initialise(model, config.train.seed), optimiser: undefined, state: undefined, path: '' };
  }
  if (continuation === 'new')
    throw new DlaError('argument', 'the run folder holds checkpoints', { where: config.out, expected: '--resume to go on, or another --out', found: newest.path });
  return fromCheckpoint(config, model, newest, say);
}

function fromCheckpoint(config: Config, model: LanguageModelConfig, newest: StoredCheckpoint, say: (line: string) => void): StartingPoint {
  const { path, files } = newest;
  const saved = modelOf(path, files);
  const different = differences(saved.config, model);
  if (different.length > 0) throw new DlaError('format', `the checkpoint is of another model: ${different.join('; ')}`, { where: path, expected: 'the model of the config' });
  const state = parseState(fileOf(files, 'state.json', path), `${path}/state.json`);
  for (const change of differences({ train: state.config.train, data: state.config.data }, { train: config.train, data: config.data }))
    say(`note: the config changed since ${path}: ${change}; the run will differ from an undisturbed one`);
  const optimiser = optimiserState(config, saved.parameters, fileOf(files, 'optimizer.safetensors', path), `${path}/optimizer.safetensors`);
  return { step: state.step, parameters: saved.parameters, optimiser, state, path };
}

/** `path: expected was, now is` for each leaf that differs. */
function differences(saved: unknown, wanted: unknown): string[] {
  const before = leavesByPath(saved);
  const now = leavesByPath(wanted);
  return [...new Set([...before.keys(), ...now.keys()])]
    .filter((path) => JSON.stringify(before.get(path)) !== JSON.stringify(now.get(path)))
    .map((path) => `${path} was ${JSON.stringify(before.get(path))}, now ${JSON.stringify(now.get(path))}`);
}

function leavesByPath(value: unknown): Map<string, unknown> {
  const { leaves, paths } = flatten<unknown>(value);
  return new Map(paths.map((path, index) => [path, leaves[index]]));
}

function optimiserState(config: Config, parameters: ModelParameters, bytes: Uint8Array, where: string): AdamWState<ModelParameters> {
  const { tensors } = readSafetensors(bytes, { where });
  const { leaves, paths, structure } = flatten<Tensor>(createOptimiser(optimiserOptions(config)).init(parameters));
  const restored = leaves.map((leaf, index) => {
    const found = tensors.get(paths[index] as string);
    if (found === undefined || found.shape.join() !== leaf.shape.join()) throw new DlaError('format', `no fitting tensor ${paths[index]}`, { where, expected: `[${leaf.shape.join(', ')}]`, found: found === undefined ? 'nothing' : `[${found.shape.join(', ')}]` });
    return tensor(new Float32Array(new Uint8Array(found.data).buffer), { shape: leaf.shape });
  });
  return unflatten(structure, restored) as unknown as AdamWState<ModelParameters>;
}

async function save(config: Config, model: LanguageModelConfig, store: CheckpointStore, sampler: BatchSampler, { step, parameters, optimiser, validationLoss }: TrainProgress): Promise<string> {
  const entries = (await Promise.all([snapshot(parameters), snapshot(optimiser)])).map((tensors) => tensors.map((entry) => ({ ...entry, dtype: 'F32' as const })));
  const [weights, moments] = entries as [(typeof entries)[0], (typeof entries)[0]];
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  const state: RunState = {
    step,
    seed: config.train.seed,
    cursor: sampler.cursor(),
    random: {},
    metrics: { validationLoss: Number.isFinite(validationLoss) ? validationLoss : null },
    versions: { dla: version, node: process.versions.node },
    config: JSON.parse(JSON.stringify(config)) as Record<string, unknown>,
  };
  return store.save(step, encodeCheckpoint({ weights, optimiser: moments, model, state }, writeSafetensors));
}

function optimiserOptions({ train }: Config): OptimiserOptions {
  const { beta1, beta2, epsilon, weightDecay, clipNorm } = train;
  return { beta1, beta2, epsilon, weightDecay, clipNorm };
}

/** `Mamba-2, 2 layers of 128, memory dla (30 slots, tau 0.6, density)` */
export function describeModel({ layers, dModel, memory }: LanguageModelConfig): string {
  const details = {
    single: '',
    fixed: ` (${memory.capacity} slots of ${memory.blockLength} tokens)`,
    fenwick: ` (up to ${memory.maxLength} tokens)`,
    dla: ` (${memory.capacity} slots, tau ${memory.tau}, ${memory.merge})`,
  }[memory.policy];
  return `Mamba-2, ${layers} layers of ${dModel}, memory ${memory.policy}${details}`;
}
