import { gradients } from '../autodiff.js';
import { add, mul } from '../ops/binary/op.js';
import { sum } from '../ops/reduce/op.js';
import { type Tensor, tensor } from '../tensor.js';
import { randomArray, seededNumbers } from './random.js';
import { createRunner, type HostValue, type Runner, referenceDevice, type TensorFunction } from './run.js';

export interface CheckGradientOptions {
  /** Seed of the weights of the outputs and of the directions. Default 1. */
  readonly seed?: number;
  /** Step of the central differences (also taken at half the step, and extrapolated). Default 1/64; take 1/2048 near kinks. */
  readonly step?: number;
  /** Allowed error as a part of the largest element of the gradient. Default 2e-3. */
  readonly tolerance?: number;
  /** Elements of each input that are tried one by one. Default 8. */
  readonly elements?: number;
  /** Inputs to differentiate. Default: all f32 inputs. */
  readonly wrt?: readonly number[];
}

/** sum over the f32 outputs of weight . output, the weights being the last inputs. */
export function weightedSum(outputs: readonly Tensor[], weights: readonly Tensor[]): Tensor {
  const real = outputs.filter(({ dtype }) => dtype === 'f32');
  return real.map((output, index) => sum(mul(output, weights[index] as Tensor))).reduce((a, b) => add(a, b));
}

/** Seeded weights, one tensor for each f32 output. */
export function outputWeights(outputs: readonly HostValue[], seed: number): Tensor[] {
  return outputs
    .filter(({ dtype }) => dtype === 'f32')
    .map(({ shape }, index) => tensor(randomArray({ shape, low: -1, high: 1 }, seed + 1000 + index), { shape }));
}

/**
 * Check the gradient of a random combination of the outputs of `fn` against central differences on the reference
 * device: along one random direction of each input, and for single elements. The combination is summed in float64.
 *
 * @throws Error that names the input, the element, both values and what was allowed.
 */
export async function checkGradient(fn: TensorFunction, inputs: readonly Tensor[], options: CheckGradientOptions = {}): Promise<void> {
  const { seed = 1, tolerance = 2e-3, elements = 8 } = options;
  const device = await referenceDevice();
  const wrt = options.wrt ?? inputs.flatMap(({ dtype }, index) => (dtype === 'f32' ? [index] : []));
  const forward = createRunner(device, fn, 'checkGradient forward');
  const backward = createRunner(
    device,
    (all) => {
      const own = all.slice(0, inputs.length);
      return gradients(
        weightedSum(fn(own), all.slice(inputs.length)),
        wrt.map((index) => own[index] as Tensor),
      );
    },
    'checkGradient backward',
  );
  try {
    const weights = outputWeights(await forward.run(inputs), seed);
    const analytic = await backward.run([...inputs, ...weights]);
    const difference = await differencer(forward, inputs, weights, options.step ?? 1 / 64);
    const next = seededNumbers(seed);
    for (const [position, index] of wrt.entries()) {
      const gradient = (analytic[position] as HostValue).data as Float32Array;
      if (gradient.length === 0) continue;
      const scale = gradient.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-3);
      const compare = async (direction: Float32Array, what: string): Promise<void> => {
        const expected = await difference(index, direction);
        const actual = gradient.reduce((total, value, i) => total + value * (direction[i] as number), 0);
        const allowed = tolerance * scale;
        if (!(Math.abs(actual - expected) <= allowed))
          throw new Error(
            `gradient of input ${index} ${what}: ${actual}, by differences ${expected}, error ${Math.abs(actual - expected)}, allowed ${allowed}`,
          );
      };
      const direction = Float32Array.from(gradient, () => next() * 2 - 1);
      const length = Math.sqrt(direction.reduce((total, value) => total + value * value, 0));
      await compare(
        direction.map((value) => value / length),
        'along a random direction',
      );
      for (let trial = 0; trial < Math.min(elements, gradient.length); trial++) {
        const element = gradient.length <= elements ? trial : Math.floor(next() * gradient.length);
        await compare(
          Float32Array.from(gradient, (_, i) => (i === element ? 1 : 0)),
          `at element ${element}`,
        );
      }
    }
  } finally {
    forward.dispose();
    backward.dispose();
  }
}

type Difference = (input: number, direction: Float32Array) => Promise<number>;

async function differencer(forward: Runner, inputs: readonly Tensor[], weights: readonly Tensor[], step: number): Promise<Difference> {
  const weighted = await Promise.all(weights.map((weight) => weight.data()));
  const values = await Promise.all(inputs.map((input) => input.data()));
  const lossAt = async (input: number, direction: Float32Array, distance: number): Promise<number> => {
    const moved = Float32Array.from(values[input] as Float32Array, (value, i) => value + distance * (direction[i] as number));
    const outputs = await forward.run(inputs.map((own, index) => (index === input ? tensor(moved, { shape: own.shape }) : own)));
    let total = 0;
    for (const [index, { data }] of outputs.filter(({ dtype }) => dtype === 'f32').entries())
      for (let i = 0; i < data.length; i++) total += (data[i] as number) * (weighted[index]?.[i] as number);
    return total;
  };
  const central = async (input: number, direction: Float32Array, distance: number): Promise<number> =>
    ((await lossAt(input, direction, distance)) - (await lossAt(input, direction, -distance))) / (2 * distance);
  // Richardson: the errors of order step^2 cancel.
  return async (input, direction) => (4 * (await central(input, direction, step / 2)) - (await central(input, direction, step))) / 3;
}
