import { compile, createCpuDevice, type Device, type Tensor, tensor, valueAndGrad } from '@dla/core';
import { referenceDevice } from '@dla/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forward, lastLogits, loss } from './language-model.js';
import { initialise, type ModelParameters } from './mamba2/parameters.js';
import { expectStreamingEqualsParallel } from './testing/equivalence.js';
import { worstDifference } from './testing/streaming.js';
import { allPolicies, idsTensor, randomIds, tinyConfig } from './testing/tiny-models.js';

let device: Device;

beforeAll(async () => {
  device = await createCpuDevice({ threads: 1 });
});

afterAll(() => device.dispose());

describe('generation token by token equals the parallel forward', () => {
  for (const policy of allPolicies)
    it(`${policy}, 512 tokens`, async () => {
      console.log(await expectStreamingEqualsParallel(device, tinyConfig({ policy, maxLength: 512 }), 512, 5));
    });

  it('dla where most tokens join, merging the weakest and the oldest', async () => {
    for (const merge of ['weakest', 'oldest'] as const)
      console.log(await expectStreamingEqualsParallel(device, tinyConfig({ policy: 'dla', tau: 1.3, merge, capacity: 5 }), 200, 6));
  });

  it('fenwick past its longest sequence: the last level takes the rest', async () => {
    console.log(await expectStreamingEqualsParallel(device, tinyConfig({ policy: 'fenwick', maxLength: 20 }), 150, 9));
  });

  for (const policy of allPolicies)
    it(`${policy} on the reference, 100 tokens`, async () => {
      const config = tinyConfig({ policy, maxLength: 128, capacity: 6, blockLength: 5 }, { layers: 1 });
      console.log(await expectStreamingEqualsParallel(await referenceDevice(), config, 100, 8));
    });
});

describe('forward', () => {
  it('refuses tokens that are no batch of sequences', () => {
    const config = tinyConfig({});
    const parameters = initialise(config, 1);
    const rows: readonly (readonly [Tensor, string])[] = [
      [tensor(Int32Array.of(1, 2)), 'i32 [2]'],
      [tensor(new Int32Array(0), { shape: [1, 0] }), 'i32 [1, 0]'],
      [tensor(Float32Array.of(1), { shape: [1, 1] }), 'f32 [1, 1]'],
    ];
    for (const [tokens, found] of rows)
      expect(() => forward(config, parameters, tokens)).toThrow(
        `language model: tokens must be a batch of sequences; expected i32 [B, T], neither zero; found ${found}`,
      );
  });

  it('lastLogits is the last row of every sequence', async () => {
    const logits = tensor(
      Float32Array.from({ length: 12 }, (_, index) => index),
      { shape: [2, 3, 2] },
    );
    const last = compile((value: Tensor) => lastLogits(value), { device });
    const result = await last(logits);
    expect(result.shape).toEqual([2, 2]);
    expect(Array.from(await result.data())).toEqual([4, 5, 10, 11]);
  });

  it('sequences of a batch do not see each other', async () => {
    const config = tinyConfig({ policy: 'dla' });
    const parameters = initialise(config, 2);
    const [a, b] = [randomIds(config, 40, 1), randomIds(config, 40, 2)];
    const run = compile((weights: ModelParameters, tokens: Tensor) => forward(config, weights, tokens).logits, { device });
    const both = (await (await run(parameters, tensor(Int32Array.of(...a, ...b), { shape: [2, 40] }))).data()) as Float32Array;
    const alone = (await (await run(parameters, idsTensor(b))).data()) as Float32Array;
    expect(worstDifference(both.slice(alone.length), alone)).toBeLessThan(1e-5);
  });
});

describe('loss', () => {
  const config = tinyConfig({ policy: 'dla' });

  async function lossAndGradient(ids: Int32Array, targets: Int32Array): Promise<{ value: number; embedding: Float32Array }> {
    const run = compile(
      (weights: ModelParameters, tokens: Tensor, wanted: Tensor) => {
        const [value, gradient] = valueAndGrad((inner: ModelParameters) => loss(config, inner, tokens, wanted))(weights);
        return { value, embedding: gradient.embedding };
      },
      { device },
    );
    const result = await run(initialise(config, 3), idsTensor(ids), idsTensor(targets));
    const read = { value: await result.value.item(), embedding: (await result.embedding.data()) as Float32Array };
    run.dispose();
    return read;
  }

  it('is the mean negative log-likelihood of the targets that are not -1', async () => {
    const ids = randomIds(config, 20, 4);
    const targets = Int32Array.from(ids, (_, t) => (t % 3 === 0 ? -1 : (ids[t + 1] ?? -1)));
    const logits = (await forward(config, initialise(config, 3), idsTensor(ids)).logits.data()) as Float32Array;
    let [sum, count] = [0, 0];
    targets.forEach((target, t) => {
      if (target < 0) return;
      const row = logits.subarray(t * config.vocabularySize, (t + 1) * config.vocabularySize);
      sum += Math.log(row.reduce((total, logit) => total + Math.exp(logit), 0)) - (row[target] as number);
      count++;
    });
    expect(count).toBeGreaterThan(10);
    expect((await lossAndGradient(ids, targets)).value).toBeCloseTo(sum / count, 5);
  });

  it('sends no gradient back from ignored targets: what only they see gets none', async () => {
    const ids = Int32Array.of(1, 2, 3, 4, 5, 6);
    const { embedding } = await lossAndGradient(ids, Int32Array.of(2, 3, 4, -1, -1, -1));
    const row = (id: number): number =>
      embedding.subarray(id * config.dModel, (id + 1) * config.dModel).reduce((sum, value) => sum + Math.abs(value), 0);
    for (const seen of [1, 2, 3]) expect(row(seen)).toBeGreaterThan(0);
    for (const unseen of [4, 5, 6, 7]) expect(row(unseen)).toBe(0);
  });

  it('is 0 with no gradient where every target is ignored', async () => {
    const { value, embedding } = await lossAndGradient(Int32Array.of(1, 2, 3), Int32Array.of(-1, -1, -1));
    expect(value).toBe(0);
    expect(embedding.every((entry) => entry === 0)).toBe(true);
  });
});
