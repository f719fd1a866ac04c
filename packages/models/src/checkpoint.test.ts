import { createCpuDevice, createStream, type Device, readSafetensors, type SafetensorsWriteEntry, writeSafetensors } from '@dla/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModel, namedParameters, parametersFrom, saveWeights } from './checkpoint.js';
import { parseConfig } from './config.js';
import { countParameters, initialise, type ModelParameters, parameterShapes } from './mamba2/parameters.js';
import { errorOf } from './testing/expect-error.js';
import { runParallel, worstDifference } from './testing/streaming.js';
import { allPolicies, initialiseSpread, randomIds, tinyConfig } from './testing/tiny-models.js';

const config = tinyConfig({ policy: 'dla' });
let device: Device;
let good: Uint8Array;

beforeAll(async () => {
  device = await createCpuDevice({ threads: 1 });
  good = await saveWeights(initialiseSpread(config, 1));
});

afterAll(() => device.dispose());

/** The tensors of the good file, changed and written again. */
function rewritten(change: (entries: SafetensorsWriteEntry[]) => SafetensorsWriteEntry[]): Uint8Array {
  const { tensors } = readSafetensors(good, { where: 'good' });
  return writeSafetensors(change([...tensors].map(([name, { dtype, shape, data }]) => ({ name, dtype, shape, data }))), { format: 'dla' });
}

/** One tensor replaced. */
function withTensor(wanted: string, change: (entry: SafetensorsWriteEntry) => Partial<SafetensorsWriteEntry>): Uint8Array {
  return rewritten((entries) => entries.map((entry) => (entry.name === wanted ? { ...entry, ...change(entry) } : entry)));
}

const load = (weights: Uint8Array): ModelParameters => loadModel(JSON.stringify(config), weights, 'run').parameters;

describe('a saved model', () => {
  for (const policy of allPolicies)
    it(`comes back: ${policy}`, async () => {
      const made = tinyConfig({ policy, maxLength: 64 }, { tieEmbeddings: policy === 'fixed', mlpRatio: policy === 'single' ? 0 : 1 });
      const parameters = initialiseSpread(made, 2);
      const ids = randomIds(made, 40, 3);
      const before = await runParallel(device, made, parameters, ids);
      const loaded = loadModel(JSON.stringify(made), await saveWeights(parameters));
      expect(loaded.config).toEqual(made);
      const after = await runParallel(device, loaded.config, loaded.parameters, ids);
      expect(worstDifference(after.logits, before.logits)).toBe(0);
      expect(await saveWeights(loaded.parameters)).toEqual(await saveWeights(parameters));
      expect(countParameters(made)).toBe(namedParameters(parameters).reduce((sum, { value }) => sum + value.size, 0));
      const shapes = (tree: ModelParameters): string[] => namedParameters(tree).map(({ name, value }) => `${name} ${value.shape.join('x')}`);
      expect(shapes(parameterShapes(made))).toEqual(shapes(initialise(made, 4)));
    });
});

describe('wrong files end in one clear line', () => {
  const rows: readonly (readonly [name: string, make: () => Uint8Array, message: string | RegExp])[] = [
    ['missing tensor', () => rewritten((entries) => entries.filter(({ name }) => name !== 'layers.1.mixer.aLog')), 'missing layers.1.mixer.aLog'],
    ['extra tensor', () => rewritten((entries) => [...entries, { name: 'more', dtype: 'F32', shape: [1], data: Float32Array.of(1) }]), 'extra more'],
    ['transposed tensor', () => withTensor('embedding', ({ shape }) => ({ shape: [...shape].reverse() })), 'embedding is [26, 67], not [67, 26]'],
    ['flat tensor', () => withTensor('embedding', () => ({ shape: [67 * 26] })), 'embedding is [1742], not [67, 26]'],
    ['integers', () => withTensor('finalNorm', () => ({ dtype: 'I32', data: new Int32Array(26) })), 'finalNorm is I32, not F32'],
    ['NaN', () => withTensor('finalNorm', () => ({ data: new Float32Array(26).fill(Number.NaN, 25) })), 'finalNorm holds a value that is not finite'],
    [
      'infinity',
      () => withTensor('finalNorm', () => ({ data: new Float32Array(26).fill(-Infinity, 0, 1) })),
      'finalNorm holds a value that is not finite',
    ],
    ['everything missing', () => rewritten(() => []), /: missing embedding; (?:missing [^;]+; ){5}and \d+ more$/],
  ];
  for (const [name, make, message] of rows)
    it(name, async () => {
      const error = await errorOf(() => load(make()));
      expect(error.code).toBe('format');
      if (typeof message === 'string') expect(error.message).toBe(`run/weights.safetensors: weights do not fit the config: ${message}`);
      else expect(error.message).toMatch(message);
    });

  it('a weight file cut at every 1/64, and with a byte too many', async () => {
    for (let part = 0; part < 64; part++) {
      const error = await errorOf(() => load(good.slice(0, Math.floor((good.length * part) / 64))));
      expect(`${error.code} ${error.message}`).toMatch(/^format run\/weights\.safetensors: /);
    }
    expect((await errorOf(() => load(Uint8Array.of(...good, 0)))).code).toBe('format');
  });

  it('a config cut at every 1/64, and other text', async () => {
    const text = JSON.stringify(config);
    const cuts = Array.from({ length: 64 }, (_, part) => text.slice(0, Math.floor((text.length * part) / 64)));
    for (const wrong of [...cuts, 'NaN', "{'a':1}", '\ufeff{}', '\0', '{}{}']) {
      const error = await errorOf(() => loadModel(wrong, good, 'run'));
      expect(`${error.code} ${error.message}`).toBe('format run/config.json: not valid JSON');
    }
  });

  it('a config of another model', async () => {
    const others: readonly (readonly [Record<string, unknown>, RegExp])[] = [
      [{ layers: 3 }, /: missing layers\.2\.mixer\.aLog; .+ more$/],
      [{ layers: 1 }, /: extra layers\.1\.mixer\.aLog; .+ more$/],
      [{ dModel: 13 }, /embedding is \[67, 26\], not \[67, 13\]/],
      [{ tieEmbeddings: true }, /: extra head\.weight$/],
      [{ memory: { ...config.memory, policy: 'single' } }, /: extra layers\.0\.mixer\.readout\.bias; .+\.weight$/],
      [{ memory: { ...config.memory, capacity: 9 } }, /readout\.bias is \[32\], not \[36\]/],
    ];
    for (const [change, message] of others)
      expect((await errorOf(() => loadModel(JSON.stringify({ ...config, ...change }), good, 'run'))).message).toMatch(message);
  });

  it('a config of absurd size is refused before memory is taken for it', async () => {
    const big = 2 ** 31 - 1;
    const sizes = [
      { layers: big },
      { dModel: big, headDim: 2 },
      { vocabularySize: big },
      { stateSize: big },
      { convWidth: big },
      { mlpRatio: 64, dModel: 2 ** 30, headDim: 2 ** 31 - 2 ** 24 },
    ];
    const memories = [{ capacity: big }, { policy: 'fixed', capacity: big }];
    const started = performance.now();
    for (const change of [...sizes, ...memories.map((memory) => ({ memory: { ...config.memory, ...memory } }))]) {
      const error = await errorOf(() => loadModel(JSON.stringify({ ...config, ...change }), good, 'run'));
      expect(error.message).toMatch(
        /^run\/(?:weights\.safetensors: the config asks for more weights than the file holds; expected about .+ bytes; found \d+ bytes|config\.json: )/,
      );
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('1,000 seeded changes of bytes: a typed error or a model of finite weights', async () => {
    const random = createStream(6, 'damage');
    let refused = 0;
    for (let round = 0; round < 1000; round++) {
      const bytes = good.slice();
      for (let change = 0; change <= random.integer(3); change++)
        bytes[random.integer(random.integer(2) === 0 ? bytes.length : 3000)] = random.integer(256);
      try {
        parametersFrom(config, bytes, 'file');
      } catch (error) {
        await errorOf(() => {
          throw error;
        });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(250);
  });
});

describe('saveWeights', () => {
  it('reads device tensors, one safetensors entry a weight', async () => {
    const { tensors, metadata } = readSafetensors(good, { where: 'good' });
    expect([...tensors.keys()]).toEqual(namedParameters(parameterShapes(config)).map(({ name }) => name));
    expect(new Set([...tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['F32']));
    expect(metadata).toMatchObject({ format: 'dla', kind: 'weights' });
  });

  it('parseConfig takes what is saved as config.json', () => {
    expect(parseConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });
});
