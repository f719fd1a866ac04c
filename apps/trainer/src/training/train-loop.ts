import { type AdamWState, type Device, DlaError, flatten, mapTree, type Tensor, tensor, upload } from '@dla/core';
import type { LanguageModelConfig, ModelParameters } from '@dla/models';
import { turn } from '../turn.js';
import { createTrainStep, type OptimiserOptions, type TrainStep } from './train-step.js';

export interface Batch {
  /** i32 [B * T] */
  readonly inputs: Int32Array;
  readonly targets: Int32Array;
}

export interface TrainLoopOptions {
  readonly model: LanguageModelConfig;
  readonly device: Device;
  readonly optimiser: OptimiserOptions;
  readonly batch: number;
  readonly context: number;
  /** Total number of steps. */
  readonly steps: number;
  /** 1-based step -> learning rate. */
  readonly learningRate: (step: number) => number;
  readonly nextBatch: () => Batch;
  /** Fixed windows of the validation text; the same at every evaluation. */
  readonly validation: readonly Batch[];
  readonly evalEvery: number;
  readonly saveEvery: number;
}

export interface StepReport {
  readonly step: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly milliseconds: number;
  /** The gradient was not finite: nothing was updated. */
  readonly skipped: boolean;
}

export interface TrainHooks {
  readonly onStep: (report: StepReport) => void;
  readonly onEvaluate: (report: { readonly step: number; readonly validationLoss: number }) => void;
  /** Called with finite weights only. */
  readonly save: (progress: TrainProgress) => Promise<void>;
  /** Asked after every step; true saves and ends the loop. */
  readonly stopRequested: () => boolean;
}

export interface TrainProgress {
  readonly step: number;
  readonly parameters: ModelParameters;
  readonly optimiser: AdamWState<ModelParameters>;
  /** The last validation loss, nats a token; NaN before the first. */
  readonly validationLoss: number;
}

/** Steps with a gradient that is not finite, in a row, after which training gives up. */
const mostSkips = 3;

/**
 * Train from `start` to `options.steps`. Weights and optimiser state stay on the device and are updated in place.
 *
 * @throws DlaError `non-finite` after three skipped steps in a row; the last checkpoint is left as it was.
 */
export async function trainLoop(
  options: TrainLoopOptions,
  start: { step: number; parameters: ModelParameters; optimiser?: AdamWState<ModelParameters>; validationLoss: number },
  hooks: TrainHooks,
): Promise<TrainProgress> {
  const { device, batch, context } = options;
  const compiled = createTrainStep(options.model, device, options.optimiser);
  let optimiser = mapTree(start.optimiser ?? compiled.init(start.parameters), (leaf: Tensor) => upload(leaf, device)) as AdamWState<ModelParameters>;
  let parameters = mapTree(start.parameters, (leaf: Tensor) => upload(leaf, device)) as ModelParameters;
  let { validationLoss } = start;
  let savedAt = start.step;
  let skips = 0;
  let step = start.step;
  const progress = (): TrainProgress => ({ step, parameters, optimiser, validationLoss });
  const shape = [batch, context];
  let saveDue = false;
  try {
    while (step < options.steps) {
      step++;
      const begun = performance.now();
      const learningRate = options.learningRate(step);
      const { inputs, targets } = options.nextBatch();
      const result = await compiled.run(
        parameters,
        optimiser,
        tensor(inputs, { shape }),
        tensor(targets, { shape }),
        compiled.controls(step, learningRate),
      );
      parameters = result.parameters;
      optimiser = result.state;
      const loss = await takeItem(result.loss);
      const gradientNorm = await takeItem(result.gradientNorm);
      const skipped = !Number.isFinite(gradientNorm) || !Number.isFinite(loss);
      hooks.onStep({ step, loss, gradientNorm, learningRate, milliseconds: performance.now() - begun, skipped });
      skips = skipped ? skips + 1 : 0;
      if (skips >= mostSkips)
        throw new DlaError(
          'non-finite',
          `the loss or gradient was not finite in ${mostSkips} steps in a row; the last checkpoint (step ${savedAt}) is untouched`,
          { where: 'train', found: `loss ${loss}, gradient norm ${gradientNorm} at step ${step}` },
        );
      // The CPU device computes without ever leaving the event loop's turn: let signals in.
      await new Promise((resolve) => setImmediate(resolve));
      await turn();
      const last = step === options.steps;
      if (last || step % options.evalEvery === 0) {
        validationLoss = await validate(compiled, parameters, options);
        hooks.onEvaluate({ step, validationLoss });
      }
      const stopping = hooks.stopRequested();
      saveDue ||= step % options.saveEvery === 0;
      // A skipped step changed nothing, so its weights may be saved at the end; before it, weights that may have blown up wait for a good step.
      if (last || stopping || (saveDue && !skipped)) {
        await hooks.save(progress());
        savedAt = step;
        saveDue = false;
      }
      if (stopping) break;
    }
    return progress();
  } finally {
    compiled.dispose();
  }
}

async function validate(compiled: TrainStep, parameters: ModelParameters, { validation, batch, context }: TrainLoopOptions): Promise<number> {
  let sum = 0;
  for (const { inputs, targets } of validation) {
    const shape = [inputs.length / context, context];
    if (shape[0] !== batch)
      throw new DlaError('shape', 'validation batches must have the training shape', {
        where: 'train',
        expected: String(batch),
        found: String(shape[0]),
      });
    await turn();
    sum += await takeItem(await compiled.evaluate(parameters, tensor(inputs, { shape }), tensor(targets, { shape })));
  }
  return sum / validation.length;
}

async function takeItem(value: Tensor): Promise<number> {
  const number = await value.item();
  value.dispose();
  return number;
}

/** Named host copies of a tree of tensors, for a checkpoint. */
export async function snapshot(
  tree: ModelParameters | AdamWState<ModelParameters>,
): Promise<{ name: string; shape: readonly number[]; data: Float32Array }[]> {
  const { leaves, paths } = flatten<Tensor>(tree);
  return Promise.all(
    leaves.map(async (leaf, index) => ({ name: paths[index] as string, shape: leaf.shape, data: (await leaf.data()) as Float32Array })),
  );
}
