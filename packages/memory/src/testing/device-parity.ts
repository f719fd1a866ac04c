import { compile, type Device, gradients, mul, sum, type Tensor, tensor } from '@dla/core';
import { expectClose, referenceDevice } from '@dla/core/testing';
import { dlaMemory } from '../memory.js';
import type { SlotKind } from '../ops/multi-state/contract.js';
import { multiState } from '../ops/multi-state/op.js';
import { multiStateRecurrentOp } from '../ops/multi-state-recurrent/op.js';
import { recurrentStateSpecs } from '../ops/multi-state-recurrent/state.js';
import { type InputSizes, memoryInputs } from './memory-inputs.js';

export type Form = 'parallel' | 'recurrent';

/** Decisions of the `dla` policy, taken on the reference so that every device is given the same. */
async function referenceDecisions(
  inputs: ReturnType<typeof memoryInputs>,
  slots: number,
): Promise<{ opened: Tensor; death: Tensor; mergedAt: Tensor; merges: number }> {
  const device = await referenceDevice();
  const decide = compile(
    (q: Tensor, k: Tensor, v: Tensor, g: Tensor) => dlaMemory({ q, k, v, g, policy: { policy: 'dla', capacity: slots } }).segmentation,
    { device },
  );
  const made = await decide(inputs.q, inputs.k, inputs.v, inputs.g);
  if (made === undefined) throw new Error('the dla policy decides');
  const read = async (value: Tensor): Promise<Tensor> => tensor(await value.data(), { shape: value.shape, dtype: value.dtype });
  const mergedAt = await read(made.mergedAt);
  const merges = (await mergedAt.data()).filter((at) => at >= 0).length;
  return { opened: await read(made.opened), death: await read(made.death), mergedAt, merges };
}

/** Output and gradients of q, k, v, g, lambda for a seeded call of one form on a device; lambda is left out where `lambda` is false. */
async function outputAndGradients(
  device: Device,
  form: Form,
  kind: SlotKind,
  sizes: InputSizes,
  seed: number,
  withLambda: boolean,
): Promise<{ values: Float32Array[]; merges: number }> {
  const inputs = memoryInputs(sizes, seed);
  const { opened, death, mergedAt, merges } = await referenceDecisions(inputs, sizes.slots);
  const base = [inputs.q, inputs.k, inputs.v, inputs.g, ...(withLambda ? [inputs.lambda] : [])];
  const decisions = kind === 'age' ? [opened, form === 'parallel' ? death : mergedAt] : [];
  const state = recurrentStateSpecs(sizes, withLambda ? sizes.slots : 1).map(({ shape, dtype }) => {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    return tensor(dtype === 'i32' ? new Int32Array(size) : new Float32Array(size), { shape });
  });
  const cotangent = memoryInputs(sizes, seed + 1000).v;
  const run = compile(
    (operands: Tensor[], choices: Tensor[], zeros: Tensor[], upstream: Tensor) => {
      const attributes = { slots: kind, backbone: 'mamba2' } as const;
      const output =
        form === 'parallel'
          ? multiState([...operands, ...choices], attributes)
          : (multiStateRecurrentOp([...zeros, ...operands, ...choices], attributes)[0] as Tensor);
      return [output, ...gradients(sum(mul(output, upstream)), operands)];
    },
    { device },
  );
  const results = await run(base, decisions, state, cotangent);
  const values = (await Promise.all(results.map((result) => result.data()))) as Float32Array[];
  for (const result of results) result.dispose();
  run.dispose();
  return { values, merges };
}

const names = ['o', 'dq', 'dk', 'dv', 'dg', 'dlambda'];

/**
 * Compare a device with the reference: output and every gradient of one form, given the same decisions; `tolerance` is
 * relative to the largest value of each.
 *
 * @returns how many merges the decisions hold.
 */
export async function expectParity(
  device: Device,
  form: Form,
  kind: SlotKind,
  sizes: InputSizes,
  seed: number,
  withLambda = true,
  tolerance = 1e-4,
): Promise<number> {
  const actual = await outputAndGradients(device, form, kind, sizes, seed, withLambda);
  const expected = await outputAndGradients(await referenceDevice(), form, kind, sizes, seed, withLambda);
  expected.values.forEach((value, index) => {
    const largest = value.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expectClose(
      actual.values[index] as Float32Array,
      value,
      { relative: 0, absolute: tolerance * Math.max(largest, 1e-6) },
      `${form} ${kind} ${JSON.stringify(sizes)} ${names[index]}`,
    );
  });
  return expected.merges;
}
