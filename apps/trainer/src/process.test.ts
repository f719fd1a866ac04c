import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkBuilt, type Ended, start, until } from './testing/built-command.js';
import { finalState, Workplace } from './testing/in-process.js';

const steps = 30;
const place = new Workplace(steps);
const kills = process.env.DLA_LONG === '1' ? 60 : 10;
let undisturbed: ReturnType<typeof finalState>;

const names = (run: string): string[] => (existsSync(run) ? readdirSync(run) : []);
const saving = (run: string): boolean => names(run).some((name) => name.startsWith('tmp-'));
const hasCheckpoint = (run: string): boolean => names(run).some((name) => name.startsWith('step-'));
const stepsLogged = (run: string): number =>
  existsSync(join(run, 'metrics.jsonl')) ? (readFileSync(join(run, 'metrics.jsonl'), 'utf8').match(/"loss"/g)?.length ?? 0) : 0;
/** Start or go on, as a user would. */
const train = (name: string, ...more: string[]): string[] => place.train(name, ...(hasCheckpoint(place.path(name)) ? ['--resume'] : []), ...more);
const dla = (argv: string[]): Promise<Ended> => start(place.folder, argv).ended;
const oneLine = /^dla: [^\n]+\n$/;

beforeAll(async () => {
  checkBuilt();
  const { code, err } = await dla(train('undisturbed'));
  expect(code, err).toBe(0);
  undisturbed = finalState(place.path('undisturbed'), steps);
}, 60_000);
afterAll(() => place.remove());

async function finish(name: string): Promise<void> {
  const { code, err } = await dla(train(name));
  expect(code, err).toBe(0);
  expect(finalState(place.path(name), steps)).toEqual(undisturbed);
  expect(saving(place.path(name))).toBe(false);
}

describe('signals', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s saves and ends with %i within 5 s; the resumed run ends with the same bits',
    async (signal, exit) => {
      const run = place.path(signal);
      const running = start(place.folder, train(signal), { delay: 3 });
      const wanted = 1 + Math.floor(Math.random() * 15);
      expect(await until(() => stepsLogged(run) >= wanted, running.running)).toBe(true);
      const sent = performance.now();
      running.child.kill(signal);
      const { code, err } = await running.ended;
      expect(performance.now() - sent).toBeLessThan(5000);
      expect(code, err).toBe(exit);
      expect(err).toMatch(/saved .+step-000000\d\d at step \d+ of 30; train --resume with the same config goes on from there\n$/);
      expect(hasCheckpoint(run)).toBe(true);
      await finish(signal);
    },
    60_000,
  );

  it('a second SIGINT ends at once, in the middle of a save', async () => {
    const run = place.path('twice');
    const running = start(place.folder, train('twice'), { delay: 400 });
    expect(await until(() => saving(run), running.running)).toBe(true);
    running.child.kill('SIGINT');
    expect(await until(() => running.errors().includes('SIGINT: saving a checkpoint'), running.running)).toBe(true);
    const sent = performance.now();
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    expect(performance.now() - sent).toBeLessThan(1000);
    expect([hasCheckpoint(run), saving(run)]).toEqual([false, true]);
    await finish('twice');
  }, 60_000);
});

describe('kill -9', () => {
  it(`${kills} times, every second one inside the write of a checkpoint: the same bits in the end`, async () => {
    let done = 0;
    let inside = 0;
    for (let round = 0; done < kills; round++) {
      const name = `kill-${round}`;
      const run = place.path(name);
      for (let ended = false; !ended && done < kills; ) {
        const running = start(place.folder, train(name), { delay: 4 });
        const before = stepsLogged(run);
        const inWrite = done % 2 === 0;
        ended = !(await until(() => (inWrite ? saving(run) && running.errors().includes('step ') : stepsLogged(run) !== before), running.running));
        await new Promise((resolve) => setTimeout(resolve, Math.random() * (inWrite ? 25 : 120)));
        if (saving(run)) inside++;
        if (running.running()) {
          running.child.kill('SIGKILL');
          done++;
        }
        ended ||= (await running.ended).code !== null;
      }
      await finish(name);
    }
    expect(inside).toBeGreaterThanOrEqual(kills / 5);
  }, 600_000);
});

/** A small disk of its own where that can be mounted, else writes that fail once that many bytes are written. */
function smallDisk(name: string): { out: string; injected: boolean; free: () => void; remove: () => void } {
  const out = place.path(name);
  mkdirSync(out);
  const system = (command: string, ...parameters: string[]): void => void execFileSync(command, parameters, { stdio: 'ignore' });
  try {
    system('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', out);
  } catch {
    return { out, injected: true, free: () => {}, remove: () => {} };
  }
  const ballast = join(out, 'ballast');
  // Room for one checkpoint of this model (130 kB), not for two.
  writeFileSync(ballast, new Uint8Array(2 ** 20 - 220 * 1024));
  return { out, injected: false, free: () => rmSync(ballast), remove: () => system('umount', out) };
}

describe('disk and folders', () => {
  it('a full disk ends a save with 74; the checkpoint before loads; freed, the run ends with the same bits', async () => {
    const disk = smallDisk('full');
    try {
      const { code, err } = await start(place.folder, train('full'), disk.injected ? { bytes: 200_000 } : undefined).ended;
      expect(err.split('\n').filter((line) => line.startsWith('dla: '))).toHaveLength(1);
      expect(err).toMatch(
        /\ndla: .+step-00000008: no space to save the checkpoint \(ENOSPC\); the one before it is untouched; expected \d+ bytes; found \d+ bytes free\n$/,
      );
      expect(code).toBe(74);
      expect(names(disk.out).filter((name) => /^(step|tmp)-/.test(name))).toEqual(['step-00000004']);
      const text = await dla(['generate', disk.out, '-p', 'the', '--tokens', '3', '--device', 'cpu']);
      expect(text.code, text.err).toBe(0);
      disk.free();
      await finish('full');
    } finally {
      disk.remove();
    }
  }, 60_000);

  it('two trainers on one folder: the second ends with 73 within 2 s and names the first', async () => {
    const run = place.path('shared');
    const first = start(place.folder, train('shared'), { delay: 200 });
    expect(await until(() => saving(run), first.running)).toBe(true);
    const began = performance.now();
    const second = await dla(place.train('shared', '--resume'));
    expect(performance.now() - began).toBeLessThan(5000);
    expect(second.err).toMatch(oneLine);
    expect(second.err).toContain(`the run folder is in use by process ${first.child.pid} on `);
    expect(second.code).toBe(73);
    first.child.kill('SIGKILL');
    await first.ended;
    await finish('shared');
  }, 60_000);
});

describe('the process', () => {
  it.each([
    [['train', '--config', place.config, '--out', place.path('none'), '--context', '100000'], 65],
    [['train', '--confg', 'x'], 64],
    [['generate', place.path('none'), '-p', 'x'], 65],
  ] as const)(
    '%j ends by itself with one line',
    async (argv, exit) => {
      const { code, out, err } = await dla([...argv]);
      expect(err).toMatch(oneLine);
      expect([code, out]).toEqual([exit, '']);
    },
    30_000,
  );

  it('a reader that goes away is no error', async () => {
    const running = start(place.folder, ['generate', place.path('undisturbed'), '-p', 'the whale', '--tokens', '100000', '--device', 'cpu']);
    running.child.stdout?.once('data', () => running.child.stdout?.destroy());
    const { code, err } = await running.ended;
    expect([code, err]).toEqual([0, '']);
  }, 30_000);
});
