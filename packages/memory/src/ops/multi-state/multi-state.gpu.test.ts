import { createWebGpuDevice, type WebGpuDevice } from '@dla/kernels';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectParity } from '../../testing/device-parity.js';
import { paritySizes } from '../../testing/memory-inputs.js';

let device: WebGpuDevice;

beforeAll(async () => {
  device = await createWebGpuDevice({ debug: true });
});

afterAll(() => device.dispose());

describe('multi-state and its gradient on WebGPU', () => {
  for (const sizes of paritySizes) {
    const shape = `B${sizes.batch} T${sizes.time} G${sizes.groups} H${sizes.heads} K${sizes.keyWidth} V${sizes.valueWidth} M${sizes.slots}`;
    it(`age, ${shape}`, async () => {
      const merges = await expectParity(device, 'parallel', 'age', sizes, sizes.time);
      if (sizes.slots > 1 && sizes.time > 4 * sizes.slots) expect(merges).toBeGreaterThan(0);
    });
    it(`fenwick, ${shape}`, async () => {
      await expectParity(device, 'parallel', 'fenwick', sizes, sizes.time);
    });
  }

  const one = { batch: 1, time: 33, groups: 1, heads: 3, keyWidth: 20, valueWidth: 18, slots: 1 };
  it('single, with and without lambda', async () => {
    await expectParity(device, 'parallel', 'single', one, 5);
    await expectParity(device, 'parallel', 'single', one, 6, false);
  });

  it('keeps float32 accuracy where the decays of a sequence sum to thousands', async () => {
    const sizes = { batch: 1, time: 512, groups: 1, heads: 2, keyWidth: 3, valueWidth: 2, slots: 4 };
    const decay = (time: number): number => (time % 128 < 64 ? -20 : -0.01);
    for (const kind of ['age', 'fenwick'] as const) await expectParity(device, 'parallel', kind, { ...sizes, decay }, 7, true, 3e-6);
  });
});
