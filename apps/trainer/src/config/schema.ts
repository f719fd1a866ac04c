import { z } from 'zod';

/** One leaf of the config: its default, what it means, and its unit where it has one. */
function leaf<S extends z.ZodType>(schema: S, value: z.input<S>, description: string, unit?: string): z.ZodDefault<S> {
  return schema.default(value as never).meta(unit === undefined ? { description } : { description, unit }) as z.ZodDefault<S>;
}

const count = z.int().min(1);
const countOrZero = z.int().min(0);
const fraction = z.number().min(0).max(1);

const memory = z.strictObject({
  policy: leaf(z.enum(['single', 'fixed', 'fenwick', 'dla']), 'dla', 'slot policy: which past tokens share a memory slot'),
  capacity: leaf(count, 30, 'most slots a head may hold (fixed, dla)', 'slots'),
  tau: leaf(z.number().min(0).max(10), 0.6, 'score from which a token opens a slot (dla)'),
  merge: leaf(z.enum(['density', 'weakest', 'oldest']), 'density', 'which adjacent pair of slots merges at capacity (dla)'),
  blockLength: leaf(count, 16, 'tokens in a slot (fixed)', 'tokens'),
  maxLength: leaf(count, 4096, 'longest sequence with a level of its own (fenwick)', 'tokens'),
});

const model = z.strictObject({
  backbone: leaf(z.enum(['mamba2']), 'mamba2', 'linear recurrence under the memory'),
  dModel: leaf(count, 128, 'width of the model', 'channels'),
  layers: leaf(count, 2, 'number of layers'),
  headDim: leaf(count, 64, 'value width of a head; expand * dModel must be a multiple of it', 'channels'),
  stateSize: leaf(count, 32, 'key width of a head', 'channels'),
  expand: leaf(z.number().min(0.125).max(64), 2, 'inner width over dModel'),
  groups: leaf(count, 1, 'heads share keys and queries in this many groups'),
  convWidth: leaf(count, 4, 'taps of the short causal convolution', 'tokens'),
  mlpRatio: leaf(z.number().min(0).max(64), 0, 'width of the SwiGLU MLP over dModel; 0 for none'),
  tieEmbeddings: leaf(z.boolean(), false, 'use the embedding as output projection'),
  memory: memory.prefault({}),
});

const data = z.strictObject({
  source: leaf(z.enum(['moby-dick', 'sotu', 'files']), 'moby-dick', 'training text: the novel, the State of the Union addresses, or your own files'),
  files: leaf(z.array(z.string().min(1)), [], 'text files to train on, read as bytes (source: files)'),
  validationFraction: leaf(z.number().gt(0).lt(1), 0.1, 'share of the text held out at its end: chapters, addresses, or bytes of files'),
});

const train = z.strictObject({
  steps: leaf(count, 1000, 'training steps in all', 'steps'),
  batch: leaf(count, 8, 'sequences in a step', 'sequences'),
  context: leaf(count, 256, 'length of a sequence', 'tokens'),
  seed: leaf(
    z
      .int()
      .min(0)
      .max(2 ** 32 - 1),
    0,
    'seed of weights and of the order of the data',
  ),
  learningRate: leaf(z.number().gt(0).max(10), 0.003, 'peak learning rate'),
  warmup: leaf(countOrZero, 20, 'steps over which the learning rate rises linearly', 'steps'),
  schedule: leaf(z.enum(['cosine', 'linear', 'wsd', 'constant']), 'cosine', 'course of the learning rate after the warm-up'),
  floorFraction: leaf(fraction, 0.1, 'learning rate at the end over the peak'),
  weightDecay: leaf(z.number().min(0).max(10), 0.1, 'decoupled weight decay of matrices'),
  beta1: leaf(z.number().min(0).lt(1), 0.9, 'AdamW: decay of the mean of gradients'),
  beta2: leaf(z.number().min(0).lt(1), 0.95, 'AdamW: decay of the mean of squared gradients'),
  epsilon: leaf(z.number().gt(0).max(1), 1e-8, 'AdamW: added to the root of the mean square'),
  clipNorm: leaf(z.number().gt(0), 1, 'largest norm of the whole gradient; larger ones are scaled down'),
  evalEvery: leaf(count, 100, 'steps between two evaluations on the held-out text', 'steps'),
  evalBatches: leaf(count, 8, 'batches of the held-out text in an evaluation, always the same', 'batches'),
  saveEvery: leaf(count, 200, 'steps between two checkpoints', 'steps'),
  keep: leaf(count, 2, 'checkpoints kept; older ones are deleted', 'checkpoints'),
});

/** The config of a run: the YAML file, the flags and the help texts all come from this one schema. */
export const configSchema = z.strictObject({
  model: model.prefault({}),
  data: data.prefault({}),
  train: train.prefault({}),
  device: leaf(z.enum(['auto', 'cpu', 'webgpu']), 'auto', 'where to compute; auto takes a hardware GPU if there is one'),
  threads: leaf(countOrZero, 0, 'CPU threads; 0 for one a core', 'threads'),
  out: leaf(z.string().min(1), 'runs/latest', 'folder of the run: checkpoints, metrics, lock'),
});

/** A complete, checked config. */
export type Config = z.output<typeof configSchema>;
