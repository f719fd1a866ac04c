import { gradients } from '../autodiff.js';
import type { Device } from '../backend/backend.js';
import type { Tensor } from '../tensor.js';
import { type CheckGradientOptions, checkGradient, outputWeights, weightedSum } from './check-gradient.js';
import { expectClose, type Tolerance } from './close.js';
import { type RandomSpec, randomTensor } from './random.js';
import { type HostValue, referenceDevice, runOn, type TensorFunction } from './run.js';

/** One named call of an op: its shapes, seed and tolerances. Every device runs the same cases. */
export interface OpCase {
  /** The op and its shapes. */
  readonly name: string;
  readonly seed: number;
  readonly inputs: readonly RandomSpec[];
  readonly run: TensorFunction;
  /** A device against the reference; integers must be equal. */
  readonly forward: Tolerance;
  /** Gradients of a device against the reference; null for ops without a gradient. */
  readonly gradient: Tolerance | null;
  /** How to check the reference's gradient by differences; false to leave it out (too many kinks for a step). */
  readonly differences?: CheckGradientOptions | false;
}

/** Seeded inputs of a case. */
export function caseInputs({ inputs, seed }: OpCase): Tensor[] {
  return inputs.map((spec, index) => randomTensor(spec, seed * 100 + index));
}

/** Compare `device` with the reference: forward, and the gradient of every f32 input. */
export async function runOpCase(device: Device, opCase: OpCase): Promise<void> {
  const reference = await referenceDevice();
  const inputs = caseInputs(opCase);
  const expected = await runOn(reference, opCase.run, inputs, opCase.name);
  compare(await runOn(device, opCase.run, inputs, opCase.name), expected, opCase.forward, `${opCase.name}, output`);
  if (opCase.gradient === null) return;
  const wrt = inputs.flatMap(({ dtype }, index) => (dtype === 'f32' ? [index] : []));
  const backward: TensorFunction = (all) => {
    const own = all.slice(0, inputs.length);
    return gradients(
      weightedSum(opCase.run(own), all.slice(inputs.length)),
      wrt.map((index) => own[index] as Tensor),
    );
  };
  const weights = outputWeights(expected, opCase.seed);
  const all = [...inputs, ...weights];
  compare(
    await runOn(device, backward, all, `${opCase.name} gradient`),
    await runOn(reference, backward, all, `${opCase.name} gradient`),
    opCase.gradient,
    `${opCase.name}, gradient of f32 input`,
  );
}

/** {@link runOpCase} for each, one after the other. */
export async function runOpCases(device: Device, cases: readonly OpCase[]): Promise<void> {
  for (const opCase of cases) await runOpCase(device, opCase);
}

/** Check the reference's own gradient by differences. */
export async function checkOpCaseGradient(opCase: OpCase): Promise<void> {
  if (opCase.gradient === null || opCase.differences === false) return;
  await checkGradient(opCase.run, caseInputs(opCase), opCase.differences);
}

function compare(actual: readonly HostValue[], expected: readonly HostValue[], tolerance: Tolerance, what: string): void {
  expected.forEach(({ data, dtype }, index) => {
    const exact = dtype !== 'f32';
    expectClose((actual[index] as HostValue).data, data, exact ? { relative: 0, absolute: 0 } : tolerance, `${what} ${index}`);
  });
}
