import { type AdamW, type AdamWState, type Compiled, compile, createAdamW, type Device, type Tensor, valueAndGrad } from '@dla/core';
import { type LanguageModelConfig, loss, type ModelParameters } from '@dla/models';

export interface OptimiserOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled weight decay of matrices; vectors, norms and the weights of lambda are not decayed. */
  readonly weightDecay: number;
  /** Largest global gradient norm. */
  readonly clipNorm: number;
}

export interface StepResult {
  readonly parameters: ModelParameters;
  readonly state: AdamWState<ModelParameters>;
  /** Mean cross-entropy before the update, nats a token. */
  readonly loss: Tensor;
  readonly gradientNorm: Tensor;
}

export interface TrainStep {
  /** Parameters and optimiser state are donated: updated in place, the old handles are dead. */
  readonly run: Compiled<[ModelParameters, AdamWState<ModelParameters>, Tensor, Tensor, Tensor], StepResult>;
  readonly evaluate: Compiled<[ModelParameters, Tensor, Tensor], Tensor>;
  /** Optimiser state of zeros, as host tensors. */
  init(parameters: ModelParameters): AdamWState<ModelParameters>;
  /** The scalars that change from step to step (1-based). */
  controls(step: number, learningRate: number): Tensor;
  dispose(): void;
}

/** AdamW with the weight-decay groups of {@link OptimiserOptions.weightDecay}. */
export function createOptimiser({ beta1, beta2, epsilon, clipNorm, weightDecay }: OptimiserOptions): AdamW {
  return createAdamW({
    betas: [beta1, beta2],
    epsilon,
    clipNorm,
    weightDecay: (path: string, shape: readonly number[]) =>
      shape.length < 2 || path.includes('readout') || path.includes('convWeight') ? 0 : weightDecay,
  });
}

/** One compiled training step: forward, backward, clipping, AdamW; and the loss alone for validation. */
export function createTrainStep(config: LanguageModelConfig, device: Device, options: OptimiserOptions): TrainStep {
  const optimiser = createOptimiser(options);
  const run = compile(
    (parameters: ModelParameters, state: AdamWState<ModelParameters>, tokens: Tensor, targets: Tensor, controls: Tensor): StepResult => {
      const [value, gradient] = valueAndGrad((inner: ModelParameters) => loss(config, inner, tokens, targets))(parameters);
      const updated = optimiser.update(parameters, gradient, state, controls);
      return { parameters: updated.params, state: updated.state, loss: value, gradientNorm: updated.gradientNorm };
    },
    { device, donate: [0, 1], name: 'training step' },
  );
  const evaluate = compile((parameters: ModelParameters, tokens: Tensor, targets: Tensor): Tensor => loss(config, parameters, tokens, targets), {
    device,
    name: 'validation step',
  });
  return {
    run,
    evaluate,
    init: (parameters) => optimiser.init(parameters),
    controls: (step, learningRate) => optimiser.controlsFor(step, learningRate),
    dispose: () => {
      run.dispose();
      evaluate.dispose();
    },
  };
}
