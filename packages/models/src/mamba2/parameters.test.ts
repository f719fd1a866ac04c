import { createCpuDevice, type Device } from '@dla/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namedParameters } from '../checkpoint.js';
import type { LanguageModelConfig, MemoryConfig } from '../config.js';
import { runParallel, worstDifference } from '../testing/streaming.js';
import { randomIds, tinyConfig } from '../testing/tiny-models.js';
import { initialise, type ModelParameters } from './parameters.js';

const runs = Number(process.env.DLA_PROPERTY_RUNS ?? 8);
const memories: readonly Partial<MemoryConfig>[] = [
  { policy: 'single' },
  { policy: 'fixed', capacity: 3, blockLength: 4 },
  { policy: 'fenwick', maxLength: 64 },
  { policy: 'dla', capacity: 5 },
  { policy: 'dla', capacity: 9, merge: 'weakest', tau: 1.2 },
];
let device: Device;

beforeAll(async () => {
  device = await createCpuDevice({ threads: 1 });
});

afterAll(() => device.dispose());

async function backbone(parameters: ModelParameters): Promise<Map<string, Float32Array>> {
  const kept = namedParameters(parameters).filter(({ name }) => !name.includes('.readout.'));
  return new Map(await Promise.all(kept.map(async ({ name, value }) => [name, (await value.data()) as Float32Array] as const)));
}

describe('initialise', () => {
  it(`gives every slot policy of one seed equal backbone weights and equal logits, ${runs} seeds`, async () => {
    for (let seed = 1; seed <= runs; seed++) {
      const shape = {
        headDim: seed % 2 === 0 ? 13 : 26,
        groups: (seed % 2) + 1,
        mlpRatio: seed % 3,
        tieEmbeddings: seed % 4 === 0,
        layers: 1 + (seed % 3),
      };
      const configs = memories.map((memory): LanguageModelConfig => tinyConfig(memory, shape));
      const [plain, ...others] = configs.map((config) => ({ config, parameters: initialise(config, seed) }));
      if (plain === undefined) throw new Error('there are policies');
      const weights = await backbone(plain.parameters);
      const ids = randomIds(plain.config, 48, seed);
      const expected = (await runParallel(device, plain.config, plain.parameters, ids)).logits;
      expect(weights.size).toBe(namedParameters(plain.parameters).length);
      for (const { config, parameters } of others) {
        const { policy } = config.memory;
        expect(await backbone(parameters), `seed ${seed}, ${policy}`).toEqual(weights);
        expect(namedParameters(parameters).length, policy).toBe(weights.size + 3 * config.layers);
        const { logits } = await runParallel(device, config, parameters, ids);
        expect(worstDifference(logits, expected), `seed ${seed}, ${policy}`).toBeLessThan(1e-5);
      }
    }
  });

  it('gives every tensor numbers of its own, and other seeds other ones', async () => {
    const config = tinyConfig({ policy: 'dla' });
    const drawn = /embedding|inProj|outProj|convWeight|dtBias|aLog|mlp\.(?:gate|up|down)|head\.weight/;
    const firsts = new Set<number>();
    let tensors = 0;
    for (const seed of [1, 2])
      for (const [name, values] of await backbone(initialise(config, seed))) {
        if (!drawn.test(name)) continue;
        tensors++;
        firsts.add(values[0] as number);
      }
    expect(tensors).toBe(2 * (2 + 8 * config.layers));
    expect(firsts.size).toBe(tensors);
  });

  it('draws steps and decay rates from their ranges', async () => {
    const weights = await backbone(initialise(tinyConfig({ policy: 'single' }, { dModel: 130, headDim: 1, groups: 1 }), 4));
    const dt = (weights.get('layers.0.mixer.dtBias') as Float32Array).map((bias) => Math.log1p(Math.exp(bias)));
    const rate = (weights.get('layers.1.mixer.aLog') as Float32Array).map(Math.exp);
    for (const [values, low, high] of [
      [dt, 0.001, 0.1],
      [rate, 1, 16],
    ] as const) {
      expect(values.length).toBe(260);
      expect(Math.min(...values)).toBeGreaterThan(low * 0.999);
      expect(Math.max(...values)).toBeLessThan(high * 1.001);
      expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.8 * (high - low));
    }
  });
});
