import {
  add,
  type Compiled,
  compile,
  createAdamW,
  crossEntropyMean,
  type Device,
  gather,
  matmul,
  mul,
  reshape,
  rmsNorm,
  silu,
  type Tensor,
  tensor,
  transpose,
  valueAndGrad,
} from '@dla/core';

/** The reference LM step: a fixed piece of work that other frameworks implement too, so that speeds compare. */
export const referenceLm = {
  batch: 4,
  time: 256,
  heads: 4,
  headDim: 32,
  dModel: 128,
  vocabulary: 256,
  layers: 2,
  mlpWidth: 384,
  parameters: 492_160,
} as const;

/** The first ten losses every contender must print before it is timed. */
export const referenceLosses = [5.9334, 4.705, 3.8878, 3.2674, 2.7536, 2.317, 1.9465, 1.6288, 1.3604, 1.1345] as const;

const { batch: B, time: T, heads: H, headDim: D, dModel, vocabulary, layers, mlpWidth } = referenceLm;

interface LayerWeights {
  readonly [name: string]: Tensor;
  readonly n1: Tensor;
  readonly wq: Tensor;
  readonly wk: Tensor;
  readonly wv: Tensor;
  readonly wo: Tensor;
  readonly n2: Tensor;
  readonly w1: Tensor;
  readonly w3: Tensor;
  readonly w2: Tensor;
}

interface Weights {
  readonly [name: string]: Tensor | readonly LayerWeights[];
  readonly embedding: Tensor;
  readonly head: Tensor;
  readonly finalNorm: Tensor;
  readonly layers: readonly LayerWeights[];
}

/** Uniform numbers of unit variance times `scale`, from the sine hash that all contenders share. */
export function hashedUniform(shape: readonly number[], scale: number, stream: number): Tensor {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const data = Float32Array.from({ length: size }, (_, index) => {
    const hashed = Math.sin(index * 12.9898 + stream * 78.233) * 43758.5453;
    return (hashed - Math.floor(hashed) - 0.5) * Math.sqrt(12) * scale;
  });
  return tensor(data, { shape });
}

function initialWeights(): Weights {
  let stream = 0;
  const draw = (shape: readonly number[], scale: number): Tensor => hashedUniform(shape, scale, ++stream);
  const ones = (): Tensor => tensor(new Float32Array(dModel).fill(1));
  const inward = dModel ** -0.5;
  const embedding = draw([vocabulary, dModel], 0.02);
  const head = draw([dModel, vocabulary], inward);
  const square = (): Tensor => draw([dModel, dModel], inward);
  return {
    embedding,
    head,
    finalNorm: ones(),
    layers: Array.from({ length: layers }, () => ({
      n1: ones(),
      wq: square(),
      wk: square(),
      wv: square(),
      wo: square(),
      n2: ones(),
      w1: draw([dModel, mlpWidth], inward),
      w3: draw([dModel, mlpWidth], inward),
      w2: draw([mlpWidth, dModel], mlpWidth ** -0.5),
    })),
  };
}

/** mask[h, t, s] = (1 - 2^(-5-h))^(t-s) for s <= t, else 0; shape [1, H, T, T]. */
export function decayMask(): Tensor {
  const data = new Float32Array(H * T * T);
  for (let head = 0; head < H; head++) {
    const decay = 1 - 2 ** (-5 - head);
    for (let t = 0; t < T; t++) for (let s = 0; s <= t; s++) data[(head * T + t) * T + s] = decay ** (t - s);
  }
  return tensor(data, { shape: [1, H, T, T] });
}

/** o = ((q k^T) * mask) v with q, k, v [B, H, T, D]. */
export function decayAttention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor): Tensor {
  return matmul(mul(matmul(q, k, { transposeB: true }), mask), v);
}

function loss(weights: Weights, tokens: Tensor, targets: Tensor, mask: Tensor): Tensor {
  const epsilon = 1e-6;
  let x = gather(weights.embedding, tokens);
  for (const layer of weights.layers) {
    const normed = rmsNorm(x, layer.n1, epsilon);
    const heads = (weight: Tensor): Tensor => transpose(reshape(matmul(normed, weight), [B, T, H, D]), [0, 2, 1, 3]);
    const mixed = decayAttention(mul(heads(layer.wq), D ** -0.5), heads(layer.wk), heads(layer.wv), mask);
    x = add(x, matmul(reshape(transpose(mixed, [0, 2, 1, 3]), [B * T, dModel]), layer.wo));
    const second = rmsNorm(x, layer.n2, epsilon);
    x = add(x, matmul(mul(silu(matmul(second, layer.w1)), matmul(second, layer.w3)), layer.w2));
  }
  return crossEntropyMean(matmul(rmsNorm(x, weights.finalNorm, epsilon), weights.head), targets);
}

export interface ReferenceStep {
  /** One training step: loss, gradients, AdamW, loss read back. */
  step(): Promise<number>;
  summary: Compiled<[], unknown>['summary'];
  dispose(): void;
}

/** The reference LM with its own optimiser state on `device`: forward, backward, AdamW (lr 1e-3, betas .9 .95, decay .01 on all). */
export function createReferenceStep(device: Device): ReferenceStep {
  const optimiser = createAdamW({ betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: () => 0.01 });
  const ids = Array.from({ length: B * (T + 1) }, (_, index) => (index * 7919) % 251);
  const rows = (offset: number): Int32Array =>
    Int32Array.from({ length: B * T }, (_, index) => ids[Math.floor(index / T) * (T + 1) + (index % T) + offset] as number);
  const mask = decayMask();
  const tokens = tensor(rows(0));
  const targets = tensor(rows(1));
  let weights = initialWeights();
  let state = optimiser.init(weights);
  let count = 0;
  const run = compile(
    (current: Weights, moments: typeof state, x: Tensor, y: Tensor, controls: Tensor) => {
      const [value, gradient] = valueAndGrad((inner: Weights) => loss(inner, x, y, mask))(current);
      const updated = optimiser.update(current, gradient, moments, controls);
      return { value, weights: updated.params, state: updated.state };
    },
    { device, donate: [0, 1], name: 'reference LM step' },
  );
  return {
    step: async () => {
      const result = await run(weights, state, tokens, targets, optimiser.controlsFor(++count, 1e-3));
      weights = result.weights as Weights;
      state = result.state;
      const value = await result.value.item();
      result.value.dispose();
      return value;
    },
    summary: run.summary,
    dispose: run.dispose,
  };
}
