import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DlaError } from '@dla/core';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from './cli.js';
import type { Handlers } from './commands/handlers.js';
import { configLeaves } from './config/leaves.js';

const folder = mkdtempSync(join(tmpdir(), 'dla-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  code: number;
  out: string;
  err: string;
  calls: [string, Record<string, never>][];
}

async function dla(argv: string[], behaviour: () => Promise<number> = async () => 0): Promise<Outcome> {
  const outcome: Outcome = { code: -1, out: '', err: '', calls: [] };
  const handler =
    (name: string) =>
    (options: unknown): Promise<number> => {
      outcome.calls.push([name, options as Record<string, never>]);
      return behaviour();
    };
  const handlers = Object.fromEntries(
    ['start', 'train', 'generate', 'inspect', 'bench', 'doctor'].map((name) => [name, handler(name)]),
  ) as unknown as Handlers;
  const io = {
    stdout: { write: (text: string) => (outcome.out += text), columns: 160 },
    stderr: { write: (text: string) => (outcome.err += text) },
    env: {},
  };
  outcome.code = await run(argv, io, { version: '1.2.3', handlers: async () => handlers });
  return outcome;
}

describe('help', () => {
  it.each([[['--help']], [[]], [['help']]])('%j exits 0 and lists the commands', async (argv) => {
    const { code, out, err } = await dla(argv);
    expect(code).toBe(0);
    for (const name of ['start', 'train', 'generate', 'inspect', 'bench', 'doctor']) expect(out).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(err).toBe('');
  });
  it('lists every flag of train, with section, unit and default', async () => {
    const { code, out } = await dla(['train', '--help']);
    expect(code).toBe(0);
    for (const leaf of configLeaves) expect(out).toContain(`--${leaf.flag} `);
    expect(out).toContain('Memory:');
    expect(out).toContain('[slots] (default: 30)');
    expect((await dla(['help', 'generate'])).out).toContain('--top-k');
  });
  it('prints the version', async () => expect(await dla(['--version'])).toMatchObject({ code: 0, out: '1.2.3\n' }));
});

describe('options reach the handlers', () => {
  it('train', async () => {
    const file = join(folder, 'a.yaml');
    writeFileSync(file, 'train: { steps: 7 }\nout: somewhere\n');
    const { code, calls } = await dla(['train', '--config', file, '--resume', '--batch', '3', '--device', 'cpu'], async () => 130);
    expect(code).toBe(130);
    expect(calls).toMatchObject([['train', { resume: true, config: { out: 'somewhere', device: 'cpu', train: { steps: 7, batch: 3 } } }]]);
  });
  it('start reads its preset', async () => {
    const { calls, err } = await dla(['start', '--steps', '3']);
    expect(err).toBe('');
    expect(calls).toMatchObject([['start', { tokens: 400, config: { out: 'runs/start', train: { steps: 3 }, data: { source: 'moby-dick' } } }]]);
  });
  it('generate, inspect, bench, doctor', async () => {
    const file = join(folder, 'text.txt');
    writeFileSync(file, 'Ahoy\n');
    expect((await dla(['generate', 'run', '-p', 'x', '-t', '0', '--map'])).calls).toEqual([
      ['generate', { model: 'run', prompt: 'x', tokens: 400, temperature: 0, topK: 0, topP: 1, seed: 0, map: true, device: 'auto', threads: 0 }],
    ]);
    expect((await dla(['inspect', 'run', '--file', file, '--layer', '1', '--html', 'a.html'])).calls).toMatchObject([
      ['inspect', { model: 'run', text: 'Ahoy\n', layer: 1, head: 0, html: 'a.html' }],
    ]);
    expect((await dla(['bench', 'lm_step', '--rounds', '2'])).calls).toMatchObject([['bench', { only: ['lm_step'], rounds: 2 }]]);
    expect((await dla(['doctor', '--json'])).calls).toEqual([['doctor', { json: true }]]);
  });
});

describe('bad input ends in one line', () => {
  it.each([
    [['trian'], 64, "unknown command 'trian'; did you mean train?"],
    [['train', '--stepps', '3'], 64, "unknown option '--stepps'"],
    [['train', '--steps', 'x'], 64, "option '--steps <number>' argument 'x' is invalid. expected a number."],
    [['train', '--steps', '0'], 64, 'command line: --steps is wrong; expected >=1 (steps); found 0'],
    [['train', '--device', 'tpu'], 64, "option '--device <word>' argument 'tpu' is invalid. Allowed choices are auto, cpu, webgpu."],
    [['train', '--config', 'absent.yaml'], 64, 'absent.yaml: no such config file'],
    [['train', 'extra'], 64, 'too many arguments'],
    [['generate'], 64, "missing required argument 'model'"],
    [['generate', 'run'], 64, '--prompt: is missing; expected --prompt <text> or --prompt-file <file>'],
    [['generate', 'run', '--prompt', ''], 64, '--prompt: is empty; expected at least one character'],
    [['generate', 'run', '--prompt-file', 'absent.txt'], 65, 'absent.txt: no such file'],
    [['generate', 'run', '-p', 'x', '-n', '0'], 64, 'expected an integer from 1 to 100000000'],
    [['--nonsense'], 64, "unknown option '--nonsense'"],
  ])('%j', async (argv, code, message) => {
    const outcome = await dla(argv);
    expect(outcome.err).toContain(message);
    expect(outcome.err).toMatch(/^dla: [^\n]+\n$/);
    expect(outcome.code).toBe(code);
    expect(outcome.calls).toEqual([]);
    expect(outcome.out).toBe('');
  });
  it.each([
    ['disk-full', 74],
    ['locked', 73],
    ['format', 65],
    ['non-finite', 75],
    ['device-lost', 75],
    ['shape', 70],
  ] as const)('%s exits %i', async (code, exit) => {
    const fail = async (): Promise<number> => {
      throw new DlaError(code, 'two\nlines \u001b[2J', { where: 'here' });
    };
    expect(await dla(['doctor'], fail)).toMatchObject({ code: exit, err: 'dla: here: two lines ?[2J\n' });
  });
  it('prints a stack with --debug only', async () => {
    const fail = async (): Promise<number> => {
      throw new TypeError('broken');
    };
    expect(await dla(['doctor'], fail)).toMatchObject({ code: 70, err: 'dla: broken\n' });
    expect((await dla(['doctor', '--debug'], fail)).err).toContain('cli.test.ts');
  });
});
