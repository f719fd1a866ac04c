import { compile, createCpuDevice, type Device, gradients, mul, sum, type Tensor, tensor } from '@dla/core';
import { createWebGpuDevice } from '@dla/kernels';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Golden, golden } from '../test/golden.js';
import { type HostValue, worstError } from '../test/run.js';
import { dlaMemory } from './memory.js';
import { TOLERANCE } from './ops/multi-state/cases.js';
import type { MergeRule } from './ops/segment/state.js';
import type { SlotPolicy } from './policy/policy.js';

const forms = ['parallel', 'recurrent'] as const;
let devices: Device[];

beforeAll(async () => {
  devices = [await createWebGpuDevice(), await createCpuDevice({ threads: 1 })];
});

afterAll(() => {
  for (const device of devices) device.dispose();
});

const hostTensor = ({ shape, dtype, data }: HostValue): Tensor => tensor(data, { shape, dtype });

/** Outputs, decisions and all gradients of `dlaMemory` against the file, in both forms on WebGPU and the CPU's fast forms. */
async function checkMemory(file: Golden, policy: SlotPolicy, lambda: string | undefined): Promise<void> {
  for (const device of devices) for (const form of forms) await checkForm(device, form, file, policy, lambda);
}

async function checkForm(device: Device, form: (typeof forms)[number], file: Golden, policy: SlotPolicy, lambda: string | undefined): Promise<void> {
  const scale = file.metadata.scale === '1' ? 1 : (file.get('q').shape[3] as number) ** -0.5;
  const names = ['q', 'k', 'v', 'g', ...(lambda === undefined ? [] : [lambda])];
  const upstream = hostTensor(file.get('do'));
  const run = compile(
    (inputs: Tensor[], cotangent: Tensor) => {
      const [q, k, v, g, weights] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor | undefined];
      const made = dlaMemory({ q: mul(q, scale), k, v, g, policy, form, ...(weights === undefined ? {} : { lambda: weights }) });
      return { output: made.output, gradients: gradients(sum(mul(made.output, cotangent)), inputs), segmentation: made.segmentation };
    },
    { device, name: `golden ${form}` },
  );
  const result = await run(
    names.map((name) => hostTensor(file.get(name))),
    upstream,
  );
  const near = async (found: Tensor, name: string): Promise<void> =>
    expect(worstError(await found.data(), file.get(name).data), `${device.kind} ${form} ${name}`).toBeLessThan(TOLERANCE);
  await near(result.output, 'o');
  for (const [index, name] of names.entries()) await near(result.gradients[index] as Tensor, `d_${name}`);
  const { segmentation } = result;
  expect(segmentation === undefined).toBe(policy.policy !== 'dla');
  if (segmentation !== undefined) {
    await near(segmentation.score, 'score');
    expect(Array.from(await segmentation.opened.data()), form).toEqual(Array.from(file.get('opened').data));
    expect(Array.from(await segmentation.death.data()), form).toEqual(Array.from(file.get('death').data));
  }
  run.dispose();
}

describe('golden vectors through dlaMemory', () => {
  it.each(['simple_gla-T33', 'simple_gla-T64'])('single equals %s', async (name) => {
    await checkMemory(golden(name), { policy: 'single' }, undefined);
  });

  it.each(['log_linear-T33', 'log_linear-T64'])('fenwick equals %s', async (name) => {
    const file = golden(name);
    const levels = file.get('level_scales').shape[3] as number;
    await checkMemory(file, { policy: 'fenwick', maxLength: levels === 1 ? 1 : 2 ** (levels - 1) }, 'level_scales');
  });

  it.each(['density-T33-M4', 'density-T64-M8', 'weakest-T33-M4', 'weakest-T64-M8'])('dla equals dla-mamba2-%s', async (name) => {
    const file = golden(`dla-mamba2-${name}`);
    const { merge, capacity, tau } = file.metadata as { merge: MergeRule; capacity: string; tau: string };
    await checkMemory(file, { policy: 'dla', merge, capacity: Number(capacity), tau: Number(tau) }, 'lam');
  });
});
