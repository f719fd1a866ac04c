import { type AdamWState, DlaError, flatten, readSafetensors, type Tensor, tensor, unflatten, writeSafetensors } from '@dla/core';
import { initialise, type LanguageModelConfig, loadModel, type ModelParameters } from '@dla/models';
import { encodeCheckpoint, fileOf, parseState, type RunState } from '../checkpoint/contents.js';
import { sha256 } from '../checkpoint/manifest.js';
import type { CheckpointStore, StoredCheckpoint } from '../checkpoint/store.js';
import type { Config } from '../config/schema.js';
import type { DataCursor } from '../data/sampler.js';
import { version } from '../package-files.js';
import { snapshot, type TrainProgress } from './train-loop.js';
import { createOptimiser, type OptimiserOptions } from './train-step.js';

export type Continuation =
  /** A new run; a folder that holds checkpoints is refused. */
  | 'new'
  /** Go on from the newest checkpoint; there must be one. */
  | 'resume'
  /** Go on if there is something to go on from. */
  | 'either';

/** Everything a run starts from: new weights, or those of a checkpoint. */
export interface StartingPoint {
  readonly step: number;
  readonly parameters: ModelParameters;
  /** Undefined for a new run. */
  readonly optimiser: AdamWState<ModelParameters> | undefined;
  readonly state: RunState | undefined;
  /** Folder of the checkpoint; empty for a new run. */
  readonly path: string;
}

/** What a run is of: the same three at every save and at the resume. */
export interface RunSubject {
  readonly config: Config;
  readonly model: LanguageModelConfig;
  /** The training text. */
  readonly text: Uint8Array;
}

/** Parts of the config that change neither weights nor order of the data. */
const harmless: readonly string[] = ['train.evalEvery', 'train.evalBatches', 'train.saveEvery', 'train.keep'];

/**
 * Where a run starts. `notice` is told of every change of config or text since the checkpoint that makes the run another one.
 *
 * @throws DlaError `argument`: checkpoints in the folder of a new run, or one beyond `train.steps`; `format`: nothing to resume
 *   from, a checkpoint of another model, damaged or not finite.
 */
export async function startingPoint(
  subject: RunSubject,
  store: CheckpointStore,
  continuation: Continuation,
  notice: (line: string) => void,
): Promise<StartingPoint> {
  const { config, model } = subject;
  const newest = await store.newest();
  if (newest === undefined) {
    if (continuation === 'resume') throw new DlaError('format', 'holds no checkpoint to resume from', { where: config.out });
    return { step: 0, parameters: initialise(model, config.train.seed), optimiser: undefined, state: undefined, path: '' };
  }
  if (continuation === 'new')
    throw new DlaError('argument', 'the run folder holds checkpoints', {
      where: config.out,
      expected: '--resume to go on, or another --out',
      found: newest.path,
    });
  return fromCheckpoint(subject, newest, notice);
}

function fromCheckpoint({ config, model, text }: RunSubject, { path, files }: StoredCheckpoint, notice: (line: string) => void): StartingPoint {
  const saved = loadModel(new TextDecoder().decode(fileOf(files, 'config.json', path)), fileOf(files, 'weights.safetensors', path), path);
  const different = differences(saved.config, model);
  if (different.length > 0)
    throw new DlaError('format', `the checkpoint is of another model: ${different.join('; ')}`, { where: path, expected: 'the model of the config' });
  const state = parseState(fileOf(files, 'state.json', path), `${path}/state.json`);
  if (state.step > config.train.steps)
    throw new DlaError('argument', 'the checkpoint is beyond train.steps', {
      where: path,
      expected: `--steps ${state.step} or more`,
      found: String(config.train.steps),
    });
  const changes = differences({ train: state.config.train, data: state.config.data }, { train: config.train, data: config.data }).filter(
    (change) => !harmless.includes(change.split(' ')[0] as string),
  );
  if (state.textSha256 !== sha256(text)) changes.push('the training text has other bytes');
  for (const change of changes) notice(`note: changed since ${path}: ${change}; the run will differ from an undisturbed one`);
  const optimiser = optimiserState(config, saved.parameters, fileOf(files, 'optimizer.safetensors', path), `${path}/optimizer.safetensors`);
  return { step: state.step, parameters: saved.parameters, optimiser, state, path };
}

/** `path was ..., now ...` for each leaf that differs. */
function differences(saved: unknown, wanted: unknown): string[] {
  const before = leavesByPath(saved);
  const now = leavesByPath(wanted);
  return [...new Set([...before.keys(), ...now.keys()])]
    .filter((path) => before.get(path) !== now.get(path))
    .map((path) => `${path} was ${before.get(path) ?? 'not there'}, now ${now.get(path) ?? 'not there'}`);
}

function leavesByPath(value: unknown): Map<string, string> {
  const { leaves, paths } = flatten<unknown>(value);
  return new Map(paths.map((path, index) => [path, JSON.stringify(leaves[index])]));
}

function optimiserState(config: Config, parameters: ModelParameters, bytes: Uint8Array, where: string): AdamWState<ModelParameters> {
  const { tensors } = readSafetensors(bytes, { where });
  const { leaves, paths, structure } = flatten<Tensor>(createOptimiser(optimiserOptions(config)).init(parameters));
  const restored = leaves.map((leaf, index) => {
    const path = paths[index] as string;
    const found = tensors.get(path);
    const shape = (of: readonly number[]): string => `F32 [${of.join(', ')}]`;
    if (found === undefined || found.dtype !== 'F32' || found.shape.join() !== leaf.shape.join())
      throw new DlaError('format', `no fitting tensor ${path}`, {
        where,
        expected: shape(leaf.shape),
        found: found === undefined ? 'nothing' : `${found.dtype} [${found.shape.join(', ')}]`,
      });
    const data = new Float32Array(new Uint8Array(found.data).buffer);
    if (!data.every(Number.isFinite)) throw new DlaError('format', `${path} holds a value that is not finite`, { where });
    return tensor(data, { shape: leaf.shape });
  });
  return unflatten(structure, restored) as unknown as AdamWState<ModelParameters>;
}

/**
 * Save a run where it stands; returns the checkpoint's folder.
 *
 * @throws DlaError `non-finite` before anything is written when a weight or moment is not finite; and what the store throws.
 */
export async function saveRun(
  { config, model, text }: RunSubject,
  store: CheckpointStore,
  cursor: DataCursor,
  reached: TrainProgress,
): Promise<string> {
  const { step, parameters, optimiser, validationLoss } = reached;
  const [weights, moments] = (await Promise.all([snapshot(parameters), snapshot(optimiser)])).map((tensors) =>
    tensors.map((entry) => ({ ...entry, dtype: 'F32' as const })),
  ) as [SavedTensor[], SavedTensor[]];
  const wrong = [...weights, ...moments].find(({ data }) => !data.every(Number.isFinite));
  if (wrong !== undefined)
    throw new DlaError('non-finite', `${wrong.name} holds a value that is not finite at step ${step}; nothing was saved`, { where: config.out });
  const state: RunState = {
    step,
    seed: config.train.seed,
    cursor,
    textSha256: sha256(text),
    random: {},
    metrics: { validationLoss: Number.isFinite(validationLoss) ? validationLoss : null },
    versions: { dla: version, node: process.versions.node },
    config: JSON.parse(JSON.stringify(config)) as Record<string, unknown>,
  };
  return store.save(step, encodeCheckpoint({ weights, optimiser: moments, model, state }, writeSafetensors));
}

interface SavedTensor {
  readonly name: string;
  readonly dtype: 'F32';
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export function optimiserOptions({ train }: Config): OptimiserOptions {
  const { beta1, beta2, epsilon, weightDecay, clipNorm } = train;
  return { beta1, beta2, epsilon, weightDecay, clipNorm };
}
