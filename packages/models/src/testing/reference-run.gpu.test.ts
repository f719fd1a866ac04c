import { createCpuDevice, type DeviceStats } from '@dla/core';
import { createWebGpuDevice, type WebGpuDevice } from '@dla/kernels';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareRuns, createReferenceTraining, type ReferenceRunStep, runReference } from './reference-run.js';

/** Steps compared with the CPU, and steps over which nothing may grow: `DLA_LONG=1` trains for 1,000. */
const compared = 50;
const steps = process.env.DLA_LONG === '1' ? 1000 : compared;
const warmUp = 5;
let device: WebGpuDevice;

beforeAll(async () => {
  device = await createWebGpuDevice();
});

afterAll(() => device.dispose());

describe('training on WebGPU', () => {
  it(
    `${compared} steps from one seed give the losses of the CPU; ${steps} steps create nothing and hold memory flat`,
    async () => {
      const cpu = await createCpuDevice({ threads: 1 });
      const expected = await runReference(cpu, compared);
      cpu.dispose();
      const before = device.stats().liveBytes;
      const training = createReferenceTraining(device);
      const found: ReferenceRunStep[] = [];
      const stats: DeviceStats[] = [];
      for (let step = 0; step < steps; step++) {
        found.push(await training.step());
        stats.push(device.stats());
      }
      const comparison = compareRuns(expected, found.slice(0, compared));
      const { worstLoss, decisions, differing, firstGap, firstBound } = comparison;
      expect(worstLoss).toBeLessThan(1e-3);
      expect(expected.at(-1)?.loss).toBeLessThan((expected[0] as ReferenceRunStep).loss / 2);
      expect(firstGap).toBeLessThanOrEqual(firstBound);
      const [first, ...steady] = stats.slice(warmUp) as [DeviceStats, ...DeviceStats[]];
      for (const each of steady) expect({ ...each, launches: 0 }).toEqual({ ...first, launches: 0 });
      training.dispose();
      expect(device.stats().liveBytes).toBe(before);
      const { createdBuffers, createdPipelines, createdBindGroups, liveBytes, heldBytes } = first;
      console.log(
        `${device.adapter.name}: ${compared} steps, worst loss difference to the CPU ${worstLoss.toExponential(1)}, ` +
          `${differing} of ${decisions} decisions differ (first gap ${firstGap}, bound ${firstBound}); steps ${warmUp + 1} to ${steps} ` +
          `made no buffer, pipeline or bind group (${createdBuffers}, ${createdPipelines}, ${createdBindGroups} before), ${liveBytes} bytes live, ${heldBytes} held throughout`,
      );
    },
    steps * 1000 + 30_000,
  );
});
