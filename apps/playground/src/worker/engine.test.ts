import { defaultConfig, initialise, type LanguageModelConfig, saveWeights } from '@dla/models';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DoneEvent, ErrorEvent, GenerateChoices, PieceEvent, WorkerEvent, WorkerRequest } from '../protocol.js';
import { Engine } from './engine.js';

const config: LanguageModelConfig = {
  ...defaultConfig,
  dModel: 16,
  layers: 2,
  headDim: 8,
  stateSize: 4,
  memory: { ...defaultConfig.memory, capacity: 4 },
};
const choices: GenerateChoices = { prompt: 'Call me', maxTokens: 12, temperature: 0, topK: 0, topP: 1, seed: 1 };
let weights: Blob;

beforeAll(async () => {
  weights = new Blob([new Uint8Array(await saveWeights(initialise(config, 1)))]);
});

function start(): { engine: Engine; events: WorkerEvent[] } {
  const events: WorkerEvent[] = [];
  return { events, engine: new Engine((event) => events.push(event)) };
}

const load = (job: number, made: unknown = config): WorkerRequest => ({
  type: 'load',
  job,
  name: 'tiny',
  config: new Blob([JSON.stringify(made)]),
  weights,
  device: 'cpu',
});
const pieces = (events: readonly WorkerEvent[]): PieceEvent[] => events.filter((event) => event.type === 'piece');

describe('Engine', () => {
  it('loads a model and says what it is', async () => {
    const { engine, events } = start();
    await engine.handle(load(7));
    expect(events.map((e) => e.type === 'error' && e.message)).toEqual([false]);
    expect(events[0]).toMatchObject({
      type: 'ready',
      job: 7,
      model: { name: 'tiny', device: 'cpu', layers: 2, heads: 4, dModel: 16, policy: 'dla', capacity: 4, tau: 0.6 },
    });
  });

  it('reads the prompt, writes tokens, and traces every token but the last', async () => {
    const { engine, events } = start();
    await engine.handle(load(1));
    await engine.handle({ type: 'generate', job: 2, choices });
    const made = pieces(events);
    const ids = made.flatMap((piece) => piece.ids);
    expect(ids.slice(0, 7)).toEqual([...new TextEncoder().encode('Call me')]);
    expect(ids).toHaveLength(7 + 12);
    let position = 0;
    for (const piece of made) {
      expect(piece.position).toBe(position);
      position += piece.ids.length;
      if (piece === made.at(-1)) expect(piece.layers).toBeUndefined();
      else {
        expect(piece.layers).toHaveLength(2);
        for (const layer of piece.layers ?? [])
          expect([layer?.heads, layer?.score.length, layer?.opened.length, layer?.mergedAt.length]).toEqual([
            4,
            ...Array(3).fill(4 * piece.ids.length),
          ]);
      }
    }
    expect(Array.from(made[0]?.layers?.[0]?.opened.slice(0, 4) ?? [])).toEqual([1, 1, 1, 1]);
    expect(events.at(-1)).toMatchObject({ type: 'done', job: 2, reason: 'length', tokens: 12 });
  });

  it('writes the same again from the same seed', async () => {
    const { engine, events } = start();
    const sampled = { ...choices, temperature: 1, seed: 5 };
    await engine.handle(load(1));
    await engine.handle({ type: 'generate', job: 2, choices: sampled });
    await engine.handle({ type: 'generate', job: 3, choices: sampled });
    const [first, second] = [2, 3].map((job) => pieces(events.filter((event) => event.job === job)).flatMap(({ ids }) => ids));
    expect(second).toEqual(first);
    expect(first).toHaveLength(7 + 12);
  });

  it('stops, and a load stops what runs', async () => {
    const { engine, events } = start();
    await engine.handle(load(1));
    const running = engine.handle({ type: 'generate', job: 2, choices: { ...choices, maxTokens: 100_000 } });
    setTimeout(() => void engine.handle({ type: 'stop' }), 60);
    await running;
    const done = events.at(-1) as DoneEvent;
    expect(done).toMatchObject({ type: 'done', job: 2, reason: 'stopped' });
    expect(done.tokens).toBeLessThan(100_000);
    void engine.handle({ type: 'generate', job: 3, choices: { ...choices, maxTokens: 100_000 } });
    await new Promise((resolve) => setTimeout(resolve, 60));
    await engine.handle(load(4));
    expect(events.slice(-2)).toMatchObject([
      { type: 'done', job: 3, reason: 'stopped' },
      { type: 'ready', job: 4 },
    ]);
  });

  it('tells failures in one line and lives on', async () => {
    const { engine, events } = start();
    await engine.handle({ type: 'generate', job: 1, choices });
    await engine.handle(load(2, { ...config, layers: 0 }));
    await engine.handle(load(3, { ...config, vocabularySize: 100 }));
    await engine.handle(load(4));
    await engine.handle({ type: 'generate', job: 5, choices: { ...choices, prompt: '' } });
    const errors = events.filter((event): event is ErrorEvent => event.type === 'error');
    expect(errors.map(({ job, during }) => [job, during])).toEqual([
      [1, 'generate'],
      [2, 'load'],
      [3, 'load'],
      [5, 'generate'],
    ]);
    for (const { message, offerCpu } of errors) {
      expect(message).not.toContain('\n');
      expect(offerCpu).toBe(false);
    }
    expect(errors[0]?.message).toBe('generate: no model is loaded');
    expect(errors[1]?.message).toMatch(/^tiny\/config\.json: field "layers" is wrong/);
    expect(errors[3]?.message).toMatch(/^generate: the prompt is empty/);
  });
});
