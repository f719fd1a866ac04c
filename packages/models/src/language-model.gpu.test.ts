import { createWebGpuDevice, type WebGpuDevice } from '@dla/kernels';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { expectStreamingEqualsParallel } from './testing/equivalence.js';
import { allPolicies, tinyConfig } from './testing/tiny-models.js';

let device: WebGpuDevice;

beforeAll(async () => {
  device = await createWebGpuDevice();
});

afterAll(() => device.dispose());

describe('generation token by token equals the parallel forward on WebGPU', () => {
  for (const policy of allPolicies)
    it(`${policy}, 160 tokens`, async () => {
      console.log(await expectStreamingEqualsParallel(device, tinyConfig({ policy, maxLength: 160, blockLength: 7 }), 160, 5, [1, 37]));
    });
});
