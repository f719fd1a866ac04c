import { readdirSync, readFileSync } from 'node:fs';
import { createCpuDevice, flatten, readSafetensors, type Tensor, tensor, writeSafetensors } from '@dla/core';
import { initialise, type ModelParameters, parseConfig } from '@dla/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../checkpoint/manifest.js';
import { createCheckpointStore, readCheckpoint } from '../checkpoint/store.js';
import { readConfigFile, resolveConfig } from '../config/load.js';
import { modelConfigOf } from '../config/model-config.js';
import { presetFile } from '../package-files.js';
import { dla, Workplace } from '../testing/in-process.js';
import { snapshot, trainLoop } from '../training/train-loop.js';

const place = new Workplace(8);
const good = place.path('good');
beforeAll(async () => expect((await dla(place.train('good'))).code).toBe(0));
afterAll(() => place.remove());

describe('presets', () => {
  it('each parses and builds a model', () => {
    const names = readdirSync(new URL('../../configs/', import.meta.url)).map((name) => name.replace('.yaml', ''));
    expect(names.sort()).toEqual(expect.arrayContaining(['sotu', 'start', 'tiny']));
    for (const name of names) {
      const model = parseConfig(modelConfigOf(resolveConfig([readConfigFile(presetFile(name))])), name);
      expect(flatten<Tensor>(initialise(model, 1)).leaves.length, name).toBeGreaterThan(5);
    }
  });
});

describe('generate', () => {
  const generate = (...more: string[]): ReturnType<typeof dla> =>
    dla(['generate', good, '--prompt', 'the whale', '--device', 'cpu', '--threads', '1', '--tokens', '60', ...more]);
  it('repeats itself for one seed, and differs for another', async () => {
    const [a, b, c] = [await generate('--seed', '4'), await generate('--seed', '4'), await generate('--seed', '5')];
    expect(a.code).toBe(0);
    expect(a.out.startsWith('the whale')).toBe(true);
    expect(a.out).toBe(b.out);
    expect(a.out).not.toBe(c.out);
    expect(a.err).toMatch(/tokens\/s on CPU .+; memory .+ bytes, constant\n$/);
  });
  it('takes the likeliest at temperature 0, whatever the seed', async () => {
    const [a, b] = [await generate('-t', '0', '--seed', '4'), await generate('-t', '0', '--seed', '5')];
    expect(a.out).toBe(b.out);
  });
  it('draws the memory with --map, and says so where there is none', async () => {
    const { code, out } = await generate('--map');
    expect(code).toBe(0);
    expect(out).toContain('capacity');
    expect((await dla(place.train('plain', '--policy', 'single', '--steps', '2'))).code).toBe(0);
    const none = await dla(['generate', place.path('plain'), '-p', 'x', '--device', 'cpu', '--tokens', '3', '--map']);
    expect([none.code, none.err]).toEqual([0, expect.stringContaining('the policy single takes no decisions: there is no memory map')]);
    const inspected = await dla(['inspect', place.path('plain'), '--text', 'x', '--device', 'cpu']);
    expect([inspected.code, inspected.err]).toEqual([64, expect.stringContaining('there is nothing to inspect')]);
  });
});

describe('inspect', () => {
  it('draws the map and writes a page that loads nothing from elsewhere', async () => {
    const page = place.path('page.html');
    const { code, out, err } = await dla(['inspect', good, '--file', place.text, '--device', 'cpu', '--html', page]);
    expect(code, err).toBe(0);
    expect(out.length).toBeGreaterThan(100);
    expect(err).toBe(`wrote ${page}\n`);
    const html = readFileSync(page, 'utf8');
    expect(html).toMatch(/^<!doctype html>/i);
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<link|<img|<script src/);
  });
});

describe('doctor and bench', () => {
  it('doctor names devices and the form of each op', async () => {
    const { code, out } = await dla(['doctor', '--json']);
    expect(code).toBe(0);
    const report = JSON.parse(out) as {
      machine: { node: string };
      adapters: unknown[];
      devices: { device: string; chosenByAuto: boolean; forms: Record<string, string[]> }[];
    };
    expect(report.machine.node).toBe(process.versions.node);
    const cpu = report.devices.find(({ device }) => device.startsWith('CPU'));
    expect(cpu?.forms.matmul).toBeDefined();
    for (const forms of Object.values(cpu?.forms ?? {})) expect(forms.length).toBeGreaterThan(0);
    expect(report.devices.filter(({ chosenByAuto }) => chosenByAuto)).toHaveLength(1);
    expect((await dla(['doctor'])).out).toMatch(/^Node .+\n\nWebGPU adapter/);
  });
  it('bench prints JSON of the measurement that was asked for', async () => {
    const { code, out } = await dla(['bench', 'matmul 1024 x 128 x 384', '--rounds', '1', '--device', 'cpu', '--json']);
    expect(code).toBe(0);
    const result = JSON.parse(out) as { rows: { case: string; medianMs: number; gflops: number }[]; losses: number[] };
    expect(result.rows.map((row) => row.case)).toEqual(['matmul 1024 x 128 x 384']);
    expect(result.rows[0]?.medianMs).toBeGreaterThan(0);
    expect(result.losses).toHaveLength(10);
  });
});

describe('numbers that are not finite', () => {
  it('ends a run with 75 after three steps, and leaves the checkpoints alone', async () => {
    const files = new Map(await readCheckpoint(`${good}/step-00000008`));
    const { tensors } = readSafetensors(files.get('weights.safetensors') as Uint8Array, { where: 'weights' });
    const entries = [...tensors].map(([name, { shape, data }]) => ({
      name,
      dtype: 'F32' as const,
      shape,
      // Finite, but its products are not.
      data: new Float32Array(new Uint8Array(data).buffer).map((value) => (shape.length > 1 ? 3e38 * Math.sign(value) : value)),
    }));
    const store = createCheckpointStore(place.path('huge'));
    const path = await store.save(8, new Map([...files, ['weights.safetensors', writeSafetensors(entries, {})]]));
    const digests = (): string[] => readdirSync(path).map((name) => sha256(readFileSync(`${path}/${name}`)));
    const before = digests();
    const { code, err } = await dla(place.train('huge', '--resume', '--steps', '20', '--save-every', '1'));
    expect(err.match(/^step \d+: the loss or gradient is not finite; nothing was updated$/gm)).toHaveLength(3);
    expect(err).toMatch(
      /\ndla: train: the loss or gradient was not finite in 3 steps in a row; the last checkpoint \(step 8\) is untouched; found loss .+ at step 11\n$/,
    );
    expect(code).toBe(75);
    expect(digests()).toEqual(before);
    expect(readdirSync(place.path('huge')).filter((name) => name.startsWith('step-') || name.startsWith('tmp-'))).toEqual(['step-00000008']);
    const lines = readFileSync(place.path('huge', 'metrics.jsonl'), 'utf8').trim().split('\n');
    expect(lines.filter((line) => line.includes('"skipped":true'))).toHaveLength(3);
  });

  it('refuses to start from weights that are not finite', async () => {
    const files = new Map(await readCheckpoint(`${good}/step-00000008`));
    const weights = (files.get('weights.safetensors') as Uint8Array).slice();
    weights.fill(0xff, weights.length - 4);
    await createCheckpointStore(place.path('nan')).save(8, new Map([...files, ['weights.safetensors', weights]]));
    const { code, err } = await dla(place.train('nan', '--resume', '--steps', '9'));
    expect(err).toMatch(/^dla: .+ holds a value that is not finite\n$/);
    expect(code).toBe(65);
  });

  it('skips one poisoned batch without touching a weight, and saves at the next good step', async () => {
    const model = parseConfig(modelConfigOf(resolveConfig([readConfigFile(place.config)])), 'tiny');
    const parameters = initialise(model, 1);
    // Token 200 has an embedding that is not a number: only batches that hold it are poisoned.
    const { embedding } = parameters as unknown as { embedding: Tensor };
    const rows = ((await embedding.data()) as Float32Array).slice();
    rows.fill(Number.NaN, 200 * model.dModel, 201 * model.dModel);
    const poisoned = { ...parameters, embedding: tensor(rows, { shape: embedding.shape }) } as ModelParameters;
    const ended = async (poison: readonly number[], steps: number): Promise<{ skipped: number[]; saved: number[]; weights: string }> => {
      const device = await createCpuDevice({ threads: 1 });
      const skipped: number[] = [];
      const saved: number[] = [];
      let weights = '';
      let batch = 0;
      const options = {
        model,
        device,
        optimiser: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 },
        batch: 1,
        context: 16,
        steps,
        learningRate: () => 0.01,
        nextBatch: () => {
          batch++;
          const inputs = Int32Array.from({ length: 16 }, (_, index) => (index * 7) % 90);
          if (poison.includes(batch)) inputs[3] = 200;
          return { inputs, targets: inputs };
        },
        validation: [{ inputs: new Int32Array(16), targets: new Int32Array(16) }],
        evalEvery: 100,
        saveEvery: 2,
      };
      await trainLoop(
        options,
        { step: 0, parameters: poisoned, validationLoss: Number.NaN },
        {
          onStep: (report) => void (report.skipped && skipped.push(report.step)),
          onEvaluate: () => {},
          save: async (reached) => {
            saved.push(reached.step);
            weights = sha256(JSON.stringify((await snapshot(reached.parameters)).map(({ data }) => [...data])));
          },
          stopRequested: () => false,
        },
      );
      device.dispose();
      return { skipped, saved, weights };
    };
    const disturbed = await ended([2, 4, 5], 6);
    expect([disturbed.skipped, disturbed.saved]).toEqual([
      [2, 4, 5],
      [3, 6],
    ]);
    // The last step skipped: its checkpoint holds the weights of the step before.
    const [one, two] = [await ended([], 1), await ended([2], 2)];
    expect([two.skipped, two.saved]).toEqual([[2], [2]]);
    expect(two.weights).toBe(one.weights);
  });
});
