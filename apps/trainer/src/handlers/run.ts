import { join } from 'node:path';
import { createSchedule, createStream, type Device, flatten, type Tensor } from '@dla/core';
import { parseConfig } from '@dla/models';
import { createCheckpointStore } from '../checkpoint/store.js';
import type { CommandIo } from '../commands/handlers.js';
import { modelConfigOf } from '../config/model-config.js';
import type { Config } from '../config/schema.js';
import { type Corpus, loadCorpus } from '../data/corpus.js';
import { createSampler, validationBatches } from '../data/sampler.js';
import { createProgress, duration } from '../progress.js';
import { lockRunFolder } from '../run-folder/lock.js';
import { createMetricsWriter } from '../run-folder/metrics.js';
import { listenForStop } from '../run-folder/signals.js';
import { describeModel } from '../training/describe-model.js';
import { openDevice } from '../training/devices.js';
import { type Continuation, optimiserOptions, type RunSubject, type StartingPoint, saveRun, startingPoint } from '../training/saved-run.js';
import { type TrainHooks, type TrainLoopOptions, trainLoop } from '../training/train-loop.js';

export interface RunResult {
  /** Folder of the last checkpoint. */
  readonly checkpoint: string;
  readonly step: number;
  /** Nats a token at the last evaluation; NaN if there was none. */
  readonly validationLoss: number;
  readonly corpus: Corpus;
  /** 0, or 130/143 after a signal. */
  readonly exitCode: number;
}

/** A checked run, its data cut into batches: all that can be refused is, before a device is opened. */
interface PreparedRun {
  readonly subject: RunSubject;
  readonly corpus: Corpus;
  readonly sampler: ReturnType<typeof createSampler>;
  readonly validation: ReturnType<typeof validationBatches>;
  /** What to run to go on with it, for the line after a signal. */
  readonly again: string;
}

/** Train as the config says, in a locked run folder, with checkpoints, metrics and a progress line. */
export async function runTraining(config: Config, continuation: Continuation, io: CommandIo): Promise<RunResult> {
  const say = (line: string): void => void io.stderr.write(`${line}\n`);
  const prepared = prepare(config, continuation);
  const lock = await lockRunFolder(config.out);
  try {
    const store = createCheckpointStore(config.out, { keep: config.train.keep, notice: say });
    for (const name of await store.removeStrays()) say(`removed ${name}, left by an interrupted save`);
    const start = await startingPoint(prepared.subject, store, continuation, say);
    if (start.state !== undefined) prepared.sampler.restore(start.state.cursor);
    const { device, reason } = await openDevice(config.device, config.threads === 0 ? undefined : config.threads);
    try {
      const parameters = flatten<Tensor>(start.parameters).leaves.reduce((sum, leaf) => sum + leaf.size, 0);
      say(prepared.corpus.description);
      say(`model: ${describeModel(prepared.subject.model)}, ${parameters.toLocaleString('en')} parameters`);
      say(`device: ${device.description} (${reason})`);
      if (start.step > 0) say(`going on from ${start.path}`);
      return await train(prepared, start, device, (cursor, reached) => saveRun(prepared.subject, store, cursor, reached), io);
    } finally {
      device.dispose();
    }
  } finally {
    lock.release();
  }
}

function prepare(config: Config, continuation: Continuation): PreparedRun {
  const { train: sizes } = config;
  const model = parseConfig(modelConfigOf(config), 'config: model');
  const corpus = loadCorpus(config.data);
  return {
    subject: { config, model, text: corpus.train },
    corpus,
    sampler: createSampler(corpus.train, sizes, (epoch, order) => void createStream(sizes.seed, `data order ${epoch}`).shuffle(order)),
    validation: validationBatches(corpus.validation, { batch: sizes.batch, context: sizes.context, batches: sizes.evalBatches }),
    again: continuation === 'either' ? 'the same command' : 'train --resume with the same config',
  };
}

type Save = (cursor: Parameters<typeof saveRun>[2], reached: Parameters<typeof saveRun>[3]) => Promise<string>;

async function train(
  { subject, corpus, sampler, validation, again }: PreparedRun,
  start: StartingPoint,
  device: Device,
  save: Save,
  io: CommandIo,
): Promise<RunResult> {
  const { config } = subject;
  const { steps, batch, context } = config.train;
  const metrics = createMetricsWriter(join(config.out, 'metrics.jsonl'), start.step);
  const progress = createProgress(io.stderr);
  const stop = listenForStop((line) => progress.note(line), io.signals);
  let validationLoss = start.state?.metrics.validationLoss ?? Number.NaN;
  let checkpoint = start.path;
  const hooks: TrainHooks = {
    onStep: ({ milliseconds, ...report }) => {
      const tokensPerSecond = ((batch * context) / milliseconds) * 1000;
      metrics.write({ ...report, tokensPerSecond });
      if (report.skipped) progress.note(`step ${report.step}: the loss or gradient is not finite; nothing was updated`);
      progress.update({ step: report.step, steps, loss: report.loss, tokensPerSecond, validationLoss, milliseconds });
    },
    onEvaluate: (report) => {
      validationLoss = report.validationLoss;
      metrics.write(report);
      progress.note(`step ${report.step}  validation loss ${validationLoss.toFixed(4)} nats/byte`);
    },
    save: async (reached) => {
      // Metrics first: a checkpoint never stands on steps whose lines a power cut could take.
      metrics.sync();
      checkpoint = await save(sampler.cursor(), reached);
    },
    stopRequested: () => stop.requested(),
  };
  const began = performance.now();
  try {
    metrics.write({ event: start.step === 0 ? 'start' : 'resume', step: start.step, device: device.description });
    const { step, validationLoss: last } = await trainLoop(
      loopOptions(config, subject.model, device, () => sampler.nextBatch(), validation),
      { step: start.step, parameters: start.parameters, validationLoss, ...(start.optimiser === undefined ? {} : { optimiser: start.optimiser }) },
      hooks,
    );
    progress.end();
    const took = duration((performance.now() - began) / 1000);
    progress.note(
      step === start.step
        ? `nothing to do: ${checkpoint} is at step ${step} of ${steps}`
        : step < steps
          ? `saved ${checkpoint} at step ${step} of ${steps}; ${again} goes on from there`
          : `trained to step ${step} in ${took}; saved ${checkpoint}`,
    );
    return { checkpoint, step, validationLoss: last, corpus, exitCode: stop.exitCode() };
  } finally {
    progress.end();
    stop.dispose();
    metrics.close();
  }
}

function loopOptions(
  config: Config,
  model: RunSubject['model'],
  device: Device,
  nextBatch: TrainLoopOptions['nextBatch'],
  validation: TrainLoopOptions['validation'],
): TrainLoopOptions {
  const { batch, context, steps, evalEvery, saveEvery, schedule, learningRate, warmup, floorFraction } = config.train;
  return {
    model,
    device,
    optimiser: optimiserOptions(config),
    batch,
    context,
    steps,
    learningRate: createSchedule({ kind: schedule, peak: learningRate, warmup: Math.min(warmup, steps), total: steps, floor: floorFraction }),
    nextBatch,
    validation,
    evalEvery,
    saveEvery,
  };
}
