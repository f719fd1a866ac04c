import { DlaError } from '../errors.js';
import { pow } from '../math.js';
import { adamwOp } from '../ops/adamw/op.js';
import { add, div, minimum, mul } from '../ops/binary/op.js';
import { less } from '../ops/compare/op.js';
import { concat } from '../ops/concat/op.js';
import { sum } from '../ops/reduce/op.js';
import { reshape } from '../ops/reshape/op.js';
import { sliceAxis } from '../ops/slice/op.js';
import { sqrt, square } from '../ops/unary/op.js';
import { where } from '../ops/where/op.js';
import type { Shape } from '../shape.js';
import { type Tensor, tensor } from '../tensor.js';
import { flatten, type Tree, unflatten } from '../tree.js';

export interface AdamWOptions {
  /** Decay of the running means of g and g^2. Default [0.9, 0.95]. */
  readonly betas?: readonly [number, number];
  /** Added to the square root. Default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled decay, of all tensors of two or more dimensions, or by path and shape. Default 0.1. */
  readonly weightDecay?: number | ((path: string, shape: Shape) => number);
  /** Largest norm of all gradients together; larger ones are scaled down to it. Default: no clipping. */
  readonly clipNorm?: number;
}

/** Running means of the gradients and of their squares: trees like the parameters. */
export interface AdamWState<P = Tree<Tensor>> {
  readonly [name: string]: P;
  readonly m: P;
  readonly v: P;
}

export interface AdamWUpdate<P> {
  readonly params: P;
  readonly state: AdamWState<P>;
  /** sqrt of the sum of squares of all gradients, before clipping: []. Not finite: the step was skipped. */
  readonly gradientNorm: Tensor;
}

export interface AdamW {
  /** State of zeros, as host tensors. */
  init<P>(params: P): AdamWState<P>;
  /**
   * Graph code: one step. Compile it with `params` and `state` donated, and it works in place.
   * A gradient that is not finite changes nothing.
   */
  update<P>(params: P, gradients: P, state: AdamWState<P>, controls: Tensor): AdamWUpdate<P>;
  /** What changes from step to step, f32 [8]: `step` counts from 1; `gradientScale` (default 1) multiplies the gradients first. */
  controlsFor(step: number, learningRate: number, gradientScale?: number): Tensor;
}

/** Above this a norm counts as not finite: a comparison that no GPU optimises away. */
const LARGEST = 3e38;

function defaultDecay(decay: number): (path: string, shape: Shape) => number {
  return (_, shape) => (shape.length < 2 ? 0 : decay);
}

/**
 * AdamW (Loshchilov and Hutter, arXiv 1711.05101) over a tree of f32 tensors, with clipping by the global norm. See
 * `adamwOp` for the formula.
 *
 * @example
 * const optimiser = createAdamW({ clipNorm: 1 });
 * const step = compile((params, state, x, controls) => {
 *   const [loss, gradients] = valueAndGrad(lossOf)(params, x);
 *   return { loss, ...optimiser.update(params, gradients, state, controls) };
 * }, { device, donate: [0, 1] });
 */
export function createAdamW(options: AdamWOptions = {}): AdamW {
  const [beta1, beta2] = options.betas ?? [0.9, 0.95];
  const epsilon = options.epsilon ?? 1e-8;
  const { clipNorm, weightDecay = 0.1 } = options;
  const decayOf = typeof weightDecay === 'number' ? defaultDecay(weightDecay) : weightDecay;
  if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1))
    throw new DlaError('argument', 'betas out of range', { where: 'createAdamW', expected: '[0, 1) each', found: `${beta1}, ${beta2}` });
  if (clipNorm !== undefined && !(clipNorm > 0))
    throw new DlaError('argument', 'clipNorm must be positive', { where: 'createAdamW', found: String(clipNorm) });

  return {
    init: <P>(params: P): AdamWState<P> => ({ m: zerosLike(params), v: zerosLike(params) }),
    update: <P>(params: P, gradients: P, state: AdamWState<P>, controls: Tensor): AdamWUpdate<P> => {
      const { leaves, structure, paths } = flatten<Tensor>(params as Tree<Tensor>);
      const [slopes, means, squares] = [gradients, state.m, state.v].map((tree) => leavesLike(tree, leaves.length)) as [Tensor[], Tensor[], Tensor[]];
      const gradientNorm = globalNorm(slopes, controls);
      const scaled = scaleControls(controls, gradientNorm, clipNorm);
      const updated = leaves.map((parameter, index) =>
        adamwOp([parameter, means[index] as Tensor, squares[index] as Tensor, slopes[index] as Tensor, scaled], {
          beta1,
          beta2,
          epsilon,
          weightDecay: decayOf(paths[index] as string, parameter.shape),
        }),
      );
      const tree = (output: number): P =>
        unflatten(
          structure,
          updated.map((outputs) => outputs[output] as Tensor),
        ) as P;
      return { params: tree(0), state: { m: tree(1), v: tree(2) }, gradientNorm };
    },
    controlsFor: (step, learningRate, gradientScale = 1): Tensor => {
      if (!(Number.isInteger(step) && step >= 1))
        throw new DlaError('argument', 'steps count from 1', { where: 'controlsFor', expected: 'a positive integer', found: String(step) });
      return tensor(Float32Array.of(learningRate, 1 / (1 - pow(beta1, step)), 1 / (1 - pow(beta2, step)), gradientScale, 0, 0, 0, 0));
    },
  };
}

function zerosLike<P>(params: P): P {
  const { leaves, structure } = flatten<Tensor>(params as Tree<Tensor>);
  return unflatten(
    structure,
    leaves.map(({ shape, size }) => tensor(new Float32Array(size), { shape })),
  ) as P;
}

function leavesLike(tree: unknown, count: number): Tensor[] {
  const { leaves } = flatten<Tensor>(tree as Tree<Tensor>);
  if (leaves.length !== count)
    throw new DlaError('argument', 'trees differ from the parameters', {
      where: 'AdamW.update',
      expected: `${count} tensors`,
      found: String(leaves.length),
    });
  return leaves;
}

function globalNorm(slopes: readonly Tensor[], controls: Tensor): Tensor {
  const squares = slopes.map((slope) => reshape(sum(square(slope)), [1]));
  const norm = squares.length === 0 ? tensor(0) : sqrt(sum(concat(squares, 0)));
  return mul(norm, reshape(sliceAxis(controls, 0, 3, 4), []));
}

/** The controls with the clip factor min(1, clipNorm / norm) in the gradient scale, or infinity there where the norm is not finite. */
function scaleControls(controls: Tensor, norm: Tensor, clipNorm: number | undefined): Tensor {
  const factor = clipNorm === undefined ? 1 : minimum(div(clipNorm, add(norm, 1e-6)), 1);
  const guarded = where(less(norm, LARGEST), factor, Infinity);
  return mul(controls, where(gradientScalePlace, guarded, 1));
}

const gradientScalePlace: Tensor = tensor(Uint32Array.of(0, 0, 0, 1, 0, 0, 0, 0), { dtype: 'bool' });
