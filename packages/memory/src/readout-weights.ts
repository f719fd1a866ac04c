import { add, DlaError, formatShape, matmul, mul, reshape, softplus, type Tensor, tensor } from '@dla/core';

/** log(e - 1): softplus of it is 1. */
const SOFTPLUS_OF_ONE = 0.5413248546129181;

/**
 * Parameters of lambda: `weight` [d_model, H M], or `down` [d_model, r] with `up` [r, H M]; `bias` [H M]; `scale` [H, M] (L).
 * An open record, so that it is a tree like any other parameters.
 */
export interface ReadoutParameters {
  readonly [name: string]: Tensor;
}

/**
 * lambda = softplus(L * (x W + b) + log(e - 1)), formula (5): one weight a slot position, linear in the layer's input.
 * x f32 [B, T, d_model] -> [B, T, H, M]. With W = 0 and b = 0 lambda is 1.
 */
export function readoutWeights(x: Tensor, parameters: ReadoutParameters, heads: number): Tensor {
  const { weight } = parameters;
  const bias = required(parameters, 'bias');
  const scale = required(parameters, 'scale');
  const [batch, time, width] = x.shape as [number, number, number];
  const slots = scale.shape[1] ?? 0;
  if (x.shape.length !== 3 || scale.shape[0] !== heads || bias.size !== heads * slots)
    throw new DlaError('shape', 'parameters do not fit', {
      where: 'readoutWeights',
      expected: `x [B, T, d_model], bias [${heads} M], scale [${heads}, M]`,
      found: `${formatShape(x.shape)}, ${formatShape(bias.shape)}, ${formatShape(scale.shape)}`,
    });
  const rows = reshape(x, [batch * time, width]);
  const logits = weight === undefined ? matmul(matmul(rows, required(parameters, 'down')), required(parameters, 'up')) : matmul(rows, weight);
  const shaped = reshape(add(logits, bias), [batch, time, heads, slots]);
  return softplus(add(mul(shaped, scale), SOFTPLUS_OF_ONE));
}

function required(parameters: ReadoutParameters, name: string): Tensor {
  const found = parameters[name];
  if (found === undefined)
    throw new DlaError('argument', `parameter ${name} is missing`, {
      where: 'readoutWeights',
      expected: 'weight (or down and up), bias, scale',
      found: Object.keys(parameters).join(', '),
    });
  return found;
}

export interface ReadoutSizes {
  readonly modelWidth: number;
  readonly heads: number;
  /** M, `capacityOf` the policy. */
  readonly slots: number;
  /** Rank r of W = down up (`down` random, `up` zero); default full. */
  readonly rank?: number;
  /** Standard deviation of W, and of b; default 0, which gives lambda = 1. */
  readonly std?: number;
  /** `count` normal numbers of mean 0 and this standard deviation, from a random stream of their own; needed with `std` or `rank`. */
  readonly normal?: (name: string, count: number, std: number) => Float32Array;
}

/** Parameters for {@link readoutWeights}: W = 0, b = 0, L = 1 unless asked otherwise. A low-rank W costs r (d_model + H M) numbers. */
export function createReadoutParameters({ modelWidth, heads, slots, rank, std = 0, normal }: ReadoutSizes): ReadoutParameters {
  const columns = heads * slots;
  const draw = (name: string, shape: readonly number[], deviation: number): Tensor => {
    const count = shape.reduce((product, size) => product * size, 1);
    if (deviation === 0) return tensor(new Float32Array(count), { shape });
    if (normal === undefined)
      throw new DlaError('argument', 'random weights need a source', { where: 'createReadoutParameters', expected: 'normal', found: 'nothing' });
    return tensor(normal(name, count, deviation), { shape });
  };
  const rest = { bias: draw('bias', [columns], std), scale: tensor(new Float32Array(columns).fill(1), { shape: [heads, slots] }) };
  if (rank === undefined) return { weight: draw('weight', [modelWidth, columns], std), ...rest };
  return { down: draw('down', [modelWidth, rank], modelWidth ** -0.5), up: draw('up', [rank, columns], std), ...rest };
}
