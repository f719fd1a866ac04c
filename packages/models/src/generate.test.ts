import { createCpuDevice, type Device, flatten, type Tensor } from '@dla/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GenerateOptions, Generator } from './generate.js';
import { forward } from './language-model.js';
import { errorOf } from './testing/expect-error.js';
import { collect, expectGenerationEqualsForward, writtenIds } from './testing/generation.js';
import { allPolicies, idsTensor, initialiseSpread, randomIds, tinyConfig } from './testing/tiny-models.js';

const config = tinyConfig({ policy: 'dla' });
const parameters = initialiseSpread(config, 1);
const prompt = [...randomIds(config, 70, 2)];
let device: Device;
let generator: Generator;

beforeAll(async () => {
  device = await createCpuDevice({ threads: 1 });
  generator = new Generator(config, parameters, device);
});

afterAll(() => {
  generator.dispose();
  device.dispose();
});

const write = async (options: Partial<GenerateOptions>): Promise<number[]> =>
  writtenIds(await collect(generator, { prompt, maxTokens: 20, ...options }));

describe('Generator', () => {
  for (const policy of allPolicies)
    it(`writes what the parallel form says, with its decisions: ${policy}`, async () => {
      const made = tinyConfig({ policy, maxLength: 128, blockLength: 5 });
      await expectGenerationEqualsForward(device, made, initialiseSpread(made, 3), { prompt, maxTokens: 30, seed: 4 });
    });

  it('is a function of the seed', async () => {
    const first = await write({ seed: 7 });
    expect(first).toHaveLength(20);
    expect(await write({ seed: 7 })).toEqual(first);
    expect(await write({ seed: 8 })).not.toEqual(first);
    expect(await write({})).toEqual(await write({ seed: 0 }));
  });

  it('temperature 0 takes the likeliest token, whatever the seed', async () => {
    const written = await write({ temperature: 0, seed: 1 });
    expect(await write({ temperature: 0, seed: 2 })).toEqual(written);
    expect(await write({ greedy: true })).toEqual(written);
    const ids = Int32Array.from([...prompt, ...written]);
    const logits = (await forward(config, parameters, idsTensor(ids)).logits.data()) as Float32Array;
    written.forEach((id, index) => {
      const start = (prompt.length - 1 + index) * config.vocabularySize;
      const row = logits.subarray(start, start + config.vocabularySize);
      expect(Math.max(...row) - (row[id] as number)).toBeLessThan(1e-4);
    });
  });

  it('how the prompt is cut changes nothing: 64 and more tokens, or fewer', async () => {
    for (const length of [1, 2, 63, 64, 65, 70]) {
      const short = prompt.slice(0, length);
      const pieces = await collect(generator, { prompt: short, maxTokens: 2, seed: 3 });
      expect(pieces.flatMap(({ kind, ids }) => (kind === 'prompt' ? ids : []))).toEqual(short);
      const read = await collect(generator, { prompt: [...short, ...writtenIds(pieces).slice(0, 1)], maxTokens: 1, temperature: 0 });
      expect(writtenIds(read)).toHaveLength(1);
    }
  });

  it('stops after the stop token, and at once for no tokens', async () => {
    const written = await write({ seed: 5 });
    const stopToken = written[7] as number;
    const until = written.indexOf(stopToken) + 1;
    expect(await write({ seed: 5, stopToken })).toEqual(written.slice(0, until));
    expect(await write({ maxTokens: 0 })).toEqual([]);
    expect(await write({ maxTokens: 1 })).toHaveLength(1);
  });

  it('stops with an error when the signal fires, and can be used again', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const error = await errorOf(async () => {
      for await (const piece of generator.generate({ prompt, signal: controller.signal })) {
        seen.push(piece.position);
        if (seen.length === 12) controller.abort();
      }
    });
    expect(`${error.code} ${error.message}`).toBe('aborted generate: stopped by the caller');
    expect(seen).toHaveLength(12);
    expect((await errorOf(() => collect(generator, { prompt, signal: AbortSignal.abort() }))).code).toBe('aborted');
    expect(await write({})).toHaveLength(20);
  });

  it('refuses wrong prompts and options in one line, and can be used again', async () => {
    const rows: readonly (readonly [GenerateOptions, string])[] = [
      [{ prompt: [] }, 'generate: the prompt is empty; expected at least one token'],
      [{ prompt: [1, 67] }, 'generate: a token id is outside the vocabulary; expected 0..66; found 67'],
      [{ prompt: [-1] }, 'generate: a token id is outside the vocabulary; expected 0..66; found -1'],
      [{ prompt: [1.5] }, 'generate: a token id is outside the vocabulary; expected 0..66; found 1.5'],
      [{ prompt: [Number.NaN] }, 'generate: a token id is outside the vocabulary; expected 0..66; found NaN'],
      [{ prompt, maxTokens: -1 }, 'generate: maxTokens is out of range; expected an integer of at least 0; found -1'],
      [{ prompt, maxTokens: Number.NaN }, 'generate: maxTokens is out of range; expected an integer of at least 0; found NaN'],
      [{ prompt, seed: -1 }, 'random: a seed must be a non-negative safe integer; found -1'],
      [{ prompt, temperature: -1 }, 'sample: temperature is out of range; expected a finite number of at least 0; found -1'],
      [{ prompt, topP: 0 }, 'sample: topP is out of range; expected a number in (0, 1]; found 0'],
    ];
    for (const [options, message] of rows) {
      const error = await errorOf(() => collect(generator, options));
      expect(`${error.code} ${error.message}`).toBe(`argument ${message}`);
    }
    expect(await write({})).toHaveLength(20);
  });

  it('runs one generation at a time, and another one once that has ended or was left', async () => {
    const running = generator.generate({ prompt });
    await running.next();
    expect((await errorOf(() => collect(generator, { prompt }))).message).toBe(
      'generate: one generation at a time: make another Generator for parallel ones',
    );
    await running.return(undefined);
    expect(await write({})).toHaveLength(20);
    for await (const _ of generator.generate({ prompt })) break;
    expect(await write({})).toHaveLength(20);
  });

  it('gives its memory back: after each generation the weights and plans are left, after dispose nothing', async () => {
    const before = device.stats().liveBytes;
    const own = new Generator(config, parameters, device);
    await collect(own, { prompt, maxTokens: 3, trace: true });
    const after = device.stats().liveBytes;
    expect(after).toBeGreaterThan(before);
    await collect(own, { prompt, maxTokens: 9, trace: true });
    for await (const _ of own.generate({ prompt })) break;
    await errorOf(() => collect(own, { prompt, topK: 0 }));
    await errorOf(() => collect(own, { prompt, signal: AbortSignal.abort() }));
    expect(device.stats().liveBytes).toBe(after);
    own.dispose();
    expect(device.stats().liveBytes).toBe(before);
  });

  it('carries a state of constant size, which it states', async () => {
    const own = new Generator(config, parameters, device);
    const { stateBytes } = own;
    const live = new Set<number>();
    let position = 0;
    for await (const piece of own.generate({ prompt, maxTokens: 100 })) {
      ({ position } = piece);
      if (position > 70) live.add(device.stats().liveBytes);
    }
    expect(position).toBe(169);
    expect(live.size).toBe(1);
    const idle = device.stats().liveBytes;
    // Buffers come in size classes, so the state takes a little more than its bytes.
    const carried = ([...live][0] as number) - idle;
    expect(carried).toBeGreaterThanOrEqual(stateBytes);
    expect(carried).toBeLessThan(1.3 * stateBytes);
    expect(own.stateBytes).toBe(stateBytes);
    expect(own.summary().map(({ name }) => name)).toEqual(['decode step', 'decode step']);
    own.dispose();
  });

  it('leaves the tensors it was given alone', async () => {
    const own = new Generator(config, parameters, device);
    own.dispose();
    expect(flatten<Tensor>(parameters).leaves.every(({ source }) => source.kind === 'host')).toBe(true);
  });
});
