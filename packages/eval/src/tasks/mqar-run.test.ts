import { createCpuDevice, type Device } from '@dla/core';
import { initialise, parseConfig } from '@dla/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMqar } from './mqar.js';
import { mqarAccuracy, runMqar } from './mqar-run.js';

const config = parseConfig({ vocabularySize: 32, dModel: 32, layers: 2, headDim: 32, stateSize: 16, memory: { capacity: 8 } });

let device: Device;
beforeAll(async () => {
  device = await createCpuDevice();
});
afterAll(() => device.dispose());

describe('MQAR on a model', () => {
  it('scores an untrained model near chance, every example once', async () => {
    const examples = [1, 2].flatMap((pairs) => createMqar({ vocabularySize: 32, length: 16, pairs, examples: 21, seed: 3 }));
    const rows = await mqarAccuracy(config, initialise(config, 1), device, examples);
    expect(rows.map(({ pairs, queries }) => [pairs, queries])).toEqual([
      [1, 21],
      [2, 42],
    ]);
    for (const { accuracy } of rows) expect(accuracy).toBeLessThan(0.3);
  });

  it('training lifts the accuracy far above chance, the same bits each time', async () => {
    const options = { config, device, length: 16, pairs: [1, 2], steps: 250, learningRate: 6e-3, seed: 5, scored: 64 };
    const rows = await runMqar(options);
    console.log(
      `MQAR after 250 steps: ${rows.map(({ pairs, accuracy }) => `${pairs} pairs ${(100 * accuracy).toFixed(0)} %`).join(', ')}; chance 6 %`,
    );
    for (const { accuracy } of rows) expect(accuracy).toBeGreaterThan(0.3);
    expect(await runMqar({ ...options, steps: 5 })).toEqual(await runMqar({ ...options, steps: 5 }));
  });

  it('refuses examples of different lengths, and none', async () => {
    const mixed = [16, 20].flatMap((length) => createMqar({ vocabularySize: 32, length, pairs: 1, examples: 1, seed: 3 }));
    await expect(mqarAccuracy(config, initialise(config, 1), device, mixed)).rejects.toThrow(
      'mqarAccuracy: examples must be there and have one length',
    );
    await expect(mqarAccuracy(config, initialise(config, 1), device, [])).rejects.toThrow('at least one example');
  });
});
