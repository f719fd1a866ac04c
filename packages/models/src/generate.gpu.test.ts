import type { DeviceStats } from '@dla/core';
import { createWebGpuDevice, type WebGpuDevice } from '@dla/kernels';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Generator } from './generate.js';
import { expectGenerationEqualsForward } from './testing/generation.js';
import { initialiseSpread, randomIds, tinyConfig } from './testing/tiny-models.js';

const config = tinyConfig({ policy: 'dla' });
const prompt = [...randomIds(config, 66, 2)];
let device: WebGpuDevice;

beforeAll(async () => {
  device = await createWebGpuDevice();
});

afterAll(() => device.dispose());

describe('Generator on WebGPU', () => {
  it('writes what the parallel form says, with its decisions', async () => {
    await expectGenerationEqualsForward(device, config, initialiseSpread(config, 3), { prompt, maxTokens: 20, seed: 4 });
  });

  for (const trace of [false, true])
    it(`a steady step creates nothing, and memory is flat${trace ? ', traced' : ''}`, async () => {
      const before = device.stats().liveBytes;
      const generator = new Generator(config, initialiseSpread(config, 3), device);
      const steady: DeviceStats[] = [];
      let written = 0;
      for await (const { kind } of generator.generate({ prompt, maxTokens: 61, trace })) {
        if (kind === 'token') written++;
        if (written > 10 && written <= 60) steady.push(device.stats());
      }
      const [first] = steady as [DeviceStats];
      const last = steady.at(-1) as DeviceStats;
      expect(steady).toHaveLength(50);
      expect(last.launches).toBeGreaterThan(first.launches);
      for (const stats of steady) expect({ ...stats, launches: 0 }).toEqual({ ...first, launches: 0 });
      generator.dispose();
      expect(device.stats().liveBytes).toBe(before);
      console.log(
        `50 decode steps${trace ? ' traced' : ''}: ${last.createdBuffers} buffers, ${last.createdPipelines} pipelines, ${last.createdBindGroups} bind groups made before, none since; ${last.liveBytes} bytes live, ${last.heldBytes} held throughout`,
      );
    });
});
