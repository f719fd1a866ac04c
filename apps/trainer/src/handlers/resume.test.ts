import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignalSource } from '../run-folder/signals.js';
import { dla, finalState, metricsOf, Workplace } from '../testing/in-process.js';

const steps = 12;
const place = new Workplace(steps);
let undisturbed: ReturnType<typeof finalState>;
beforeAll(async () => {
  const { code, err } = await dla(place.train('undisturbed'));
  expect(err).toContain(`trained to step ${steps}`);
  expect(code).toBe(0);
  undisturbed = finalState(place.path('undisturbed'), steps);
});
afterAll(() => place.remove());

/** A source that sends a signal once the run's metrics hold `step`. */
function signalAt(run: string, step: number, signal: NodeJS.Signals): SignalSource {
  const listeners = new Set<(signal: NodeJS.Signals) => void>();
  const look = (): void => {
    if (listeners.size === 0) return;
    const file = join(run, 'metrics.jsonl');
    if (existsSync(file) && new RegExp(`"step":${step},"loss"`).test(readFileSync(file, 'utf8'))) for (const listener of listeners) listener(signal);
    else setImmediate(look);
  };
  return {
    on: (name, listener) => {
      if (name !== signal) return;
      listeners.add(listener);
      setImmediate(look);
    },
    off: (_name, listener) => listeners.delete(listener),
  };
}

describe('a run that is interrupted and resumed ends with the same bits', () => {
  const seed = Date.now() % 1000;
  const random = (count: number, salt: number): number => 1 + ((seed * 7919 + salt * 104729) % count);
  const plans: [NodeJS.Signals, number, number[]][] = [
    ['SIGINT', 130, [random(steps - 2, 1)]],
    ['SIGTERM', 143, [random(4, 2), 5 + random(4, 3)]],
    ['SIGINT', 130, [4, 5, 10]],
  ];
  it.each(plans)('%s (exit %i) in steps %j', async (signal, exit, interruptions) => {
    const name = `${signal}-${interruptions.join('-')}`;
    const run = place.path(name);
    let resume: string[] = [];
    for (const at of interruptions) {
      const { code, err } = await dla(place.train(name, ...resume), signalAt(run, at, signal));
      expect(code, err).toBe(exit);
      expect(err).toMatch(new RegExp(`^${signal}: saving a checkpoint, then ending; once more to end at once$`, 'm'));
      const reached = Number(/at step (\d+) of 12; train --resume/.exec(err)?.[1]);
      expect(reached).toBeGreaterThanOrEqual(at);
      expect(reached).toBeLessThan(steps);
      expect(metricsOf(run).at(-1)).toMatchObject({ step: reached });
      resume = ['--resume'];
    }
    const last = await dla(place.train(name, '--resume'));
    expect(last.err).toContain('going on from');
    expect(last.err).not.toContain('note:');
    expect(last.code).toBe(0);
    expect(finalState(run, steps)).toEqual(undisturbed);
    expect(readdirSync(join(run, 'lock'))).toEqual([]);
  });

  it('two threads give the bits of one, at sizes that are worth sharing', async () => {
    const sizes = ['--d-model', '128', '--head-dim', '32', '--state-size', '32', '--context', '128', '--batch', '4', '--steps', '3'];
    const ended = async (threads: string): Promise<ReturnType<typeof finalState>> => {
      expect((await dla(place.train(`threads-${threads}`, '--threads', threads, ...sizes))).code).toBe(0);
      return finalState(place.path(`threads-${threads}`), 3);
    };
    const [one, two] = [await ended('1'), await ended('2')];
    expect([two.weights, two.moments, two.metrics]).toEqual([one.weights, one.moments, one.metrics]);
  });

  it('metrics hold each step once, whatever a killed run left behind', async () => {
    const run = place.path('torn');
    expect((await dla(place.train('torn'), signalAt(run, 6, 'SIGINT'))).code).toBe(130);
    const file = join(run, 'metrics.jsonl');
    // As after kill -9: two steps more than the checkpoint has, and half a line.
    writeFileSync(file, `${readFileSync(file, 'utf8')}{"step":10,"loss":1}\n{"step":11,"loss":1}\n{"step":12,"lo`);
    expect((await dla(place.train('torn', '--resume'))).code).toBe(0);
    expect(finalState(run, steps)).toEqual(undisturbed);
    const lines = metricsOf(run).filter((record) => record.loss !== undefined);
    expect(lines.map(({ step }) => step)).toEqual(Array.from({ length: steps }, (_, index) => index + 1));
  });
});

describe('going on', () => {
  it('says what changed, and does nothing to a finished run', async () => {
    expect((await dla(place.train('changed', '--steps', '4'))).code).toBe(0);
    const again = await dla(place.train('changed', '--resume', '--steps', '4', '--keep', '1', '--learning-rate', '0.02'));
    expect(again.code).toBe(0);
    expect(again.err.match(/note: /g)).toHaveLength(1);
    expect(again.err).toMatch(/note: changed since .+: train\.learningRate was 0\.01, now 0\.02; the run will differ/);
    expect(again.err).toMatch(/nothing to do: .+step-00000004 is at step 4 of 4/);
    writeFileSync(place.path('other.txt'), readFileSync(place.text, 'utf8').toUpperCase());
    const other = await dla(place.train('changed', '--resume', '--steps', '4', '--files', place.path('other.txt')));
    expect(other.err).toContain('the training text has other bytes');
  });
  it('start goes on from what is there, then writes, draws and says what to do next', async () => {
    const words = ['start', '--config', place.config, '--out', place.path('start'), '--prompt', 'the whale ', '--tokens', '40'];
    const stopped = await dla(words, signalAt(place.path('start'), 3, 'SIGINT'));
    expect([stopped.code, stopped.err]).toEqual([130, expect.stringMatching(/ of 12; the same command goes on from there\n$/)]);
    const finished = await dla(words);
    expect(finished.code, finished.err).toBe(0);
    expect(finalState(place.path('start'), steps)).toEqual(undisturbed);
    expect(finished.out).toMatch(
      /Validation loss: \d\.\d{3} nats\/byte after 12 steps \(an untrained model: 5\.545; counting byte trigrams: \d\.\d{3}\)/,
    );
    expect(finished.out).toContain('the whale ');
    expect(finished.out).toMatch(/What next:\n( {2}npm (start|run dla) -- .+\n){4}/);
    const once = await dla(words);
    expect(once.err).toContain('nothing to do');
    const timeless = (text: string): string => text.replace(/\d+ tokens\/s/, '');
    expect(timeless(once.out)).toBe(timeless(finished.out));
    const single = await dla([...words, '--out', place.path('start-single'), '--policy', 'single', '--steps', '2']);
    expect([single.code, single.out]).toEqual([
      0,
      expect.stringMatching(/What next:\n {2}npm run dla -- generate [^\n]+ "\n {2}npm run dla -- doctor\n$/),
    ]);
  });
  it('writes plain lines where there is no terminal', async () => {
    const { err, out } = await dla(place.train('plain', '--steps', '5'));
    expect(out).toBe('');
    expect(err).not.toContain('\r');
    expect(err).not.toContain('\u001b');
    expect(err).toMatch(
      /^files: 1 file \([\d,]+ bytes\) to train, 1 file \([\d,]+ bytes\) held out\nmodel: Mamba-2, 1 layer of 16, .+ parameters\ndevice: CPU .+\nstep 1\/5 {2}loss \d\.\d{3} {2}.+ tok\/s {2}left \d+s\n/,
    );
    expect(err).toMatch(/step 5\/5 .+\nstep 5 {2}validation loss \d\.\d{4} nats\/byte\ntrained to step 5 in \d+s; saved .+step-00000005\n$/);
  });
});
