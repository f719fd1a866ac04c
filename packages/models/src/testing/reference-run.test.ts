import { createCpuDevice } from '@dla/core';
import { referenceDevice } from '@dla/core/testing';
import type { PolicyName } from '@dla/memory';
import { describe, expect, it } from 'vitest';
import { measureStreaming } from './equivalence.js';
import { compareRuns, createReferenceTraining, type ReferenceRunStep, referenceModel, runReference } from './reference-run.js';
import { allPolicies, randomIds } from './tiny-models.js';

const modelWith = (policy: PolicyName): typeof referenceModel => ({ ...referenceModel, memory: { ...referenceModel.memory, policy, maxLength: 64 } });

describe('training on the CPU', () => {
  for (const policy of allPolicies)
    it(`20 steps of the fast forms give the losses of the references: ${policy}`, async () => {
      const device = await createCpuDevice({ threads: 1 });
      const fast = await runReference(device, 20, modelWith(policy));
      const plain = await runReference(await referenceDevice(), 20, modelWith(policy));
      device.dispose();
      const { worstLoss, decisions, differing, firstGap, firstBound } = compareRuns(plain, fast);
      expect(worstLoss).toBeLessThan(1e-3);
      expect(firstGap).toBeLessThanOrEqual(firstBound);
      expect(fast.at(-1)?.loss).toBeLessThan((fast[0] as ReferenceRunStep).loss - 1);
      console.log(`${policy}: worst loss difference ${worstLoss.toExponential(1)}, ${differing} of ${decisions} decisions differ`);
    });

  it('gives the same bits whatever the number of threads, and leaves no memory behind', async () => {
    const runs: ReferenceRunStep[][] = [];
    for (const threads of [1, 2, 2]) {
      const device = await createCpuDevice({ threads });
      runs.push(await runReference(device, 6));
      expect(device.stats().liveBytes).toBe(0);
      device.dispose();
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });
});

describe('a trained model', () => {
  it('writes token by token what its parallel form says', async () => {
    const device = await createCpuDevice({ threads: 1 });
    const training = createReferenceTraining(device);
    for (let step = 0; step < 60; step++) await training.step();
    const { worst, sensitivity, line } = await measureStreaming(device, referenceModel, await training.weights(), randomIds(referenceModel, 200, 1));
    expect(sensitivity).toBeGreaterThan(100 * worst);
    console.log(`after 60 steps: ${line}`);
    training.dispose();
    device.dispose();
  });
});

describe('compareRuns', () => {
  const layer = { heads: 1, opened: [1, 0, 1], mergedAt: [-1, -1, 0], score: [1.4, 0.5, 0.7], gap: [1e30, 1e-7, 0.2] };
  const step = (loss: number, change: Partial<typeof layer> = {}): ReferenceRunStep => ({ loss, layers: [{ ...layer, ...change }] });

  it('counts differing decisions and looks at the gap of the first', () => {
    const found = compareRuns([step(2), step(1)], [step(2), step(1.5, { opened: [1, 1, 1], mergedAt: [-1, -1, 1] })]);
    expect(found).toEqual({ worstLoss: 0.5, decisions: 6, differing: 2, firstGap: 1e-7, firstBound: 2e-6 });
  });

  it('runs of different lengths are not alike', () => {
    expect(compareRuns([step(1)], []).worstLoss).toBe(Infinity);
  });
});
