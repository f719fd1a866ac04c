import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '@dla/core';
import { listAdapters } from '@dla/kernels';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../checkpoint/manifest.js';
import { createCheckpointStore, readCheckpoint } from '../checkpoint/store.js';
import { lockRunFolder } from '../run-folder/lock.js';
import { dla, Workplace } from '../testing/in-process.js';

const place = new Workplace(8);
const file = (name: string, text: string): string => {
  writeFileSync(place.path(name), text);
  return place.path(name);
};
/** A copy of the good run, changed. */
const spoiled = (name: string, change: (run: string) => void): string => {
  const run = place.path(name);
  if (!existsSync(run)) {
    cpSync(place.path('good'), run, { recursive: true });
    change(run);
  }
  return run;
};
const newest = 'step-00000008';

beforeAll(async () => expect((await dla(place.train('good'))).code).toBe(0));
afterAll(() => place.remove());

/** Every file under a folder with its digest. */
function contents(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    names
      .filter((entry) => entry.isFile())
      .map((entry) => [join(entry.parentPath, entry.name), sha256(readFileSync(join(entry.parentPath, entry.name)))]),
  );
}

const train = (name: string, ...more: string[]): string[] => place.train(name, ...more);
const generate = (model: string, ...more: string[]): string[] => ['generate', model, '--device', 'cpu', '--tokens', '4', ...more];
const good = place.path('good');
const withConfig = (text: string): string[] => [
  'train',
  '--config',
  file(`c${text.length}-${text.charCodeAt(0)}.yaml`, text),
  '--out',
  place.path('unused'),
];

/** What is asked, the arguments (made when the good run is there), the exit code, the line. */
const cases: readonly (readonly [string, () => string[], number, RegExp])[] = [
  ['unknown config key', () => withConfig('train: { stepps: 3 }'), 64, /c20-116\.yaml: unknown key train\.stepps; did you mean train\.steps\?$/],
  ['YAML syntax error', () => withConfig('train: [3'), 64, /\.yaml: not valid YAML: /],
  ['__proto__ in YAML', () => withConfig('__proto__: { polluted: 1 }'), 64, /unknown key __proto__/],
  ['wrong value in YAML', () => withConfig('train: { steps: -2 }'), 64, /train\.steps is wrong; expected >=1 \(steps\); found -2$/],
  ['missing config file', () => ['train', '--config', place.path('none.yaml')], 64, /none\.yaml: no such config file$/],
  ['unknown flag', () => train('unused', '--stepps', '3'), 64, /unknown option '--stepps'/],
  ['wrong value of a flag', () => train('unused', '--steps', 'many'), 64, /'many' is invalid/],
  ['unknown device', () => train('unused', '--device', 'tpu'), 64, /'tpu' is invalid. Allowed choices are auto, cpu, webgpu\.$/],
  ['unknown command', () => ['tarin'], 64, /unknown command 'tarin'; did you mean train\?$/],
  ['head size that does not divide', () => train('unused', '--head-dim', '7'), 65, /^dla: config: model/],
  ['missing data file', () => train('unused', '--files', place.path('none.txt')), 65, /none\.txt: no such file$/],
  ['empty data file', () => train('unused', '--files', file('empty.txt', '')), 65, /empty\.txt: the file is empty; expected at least one byte$/],
  ['a folder as data file', () => train('unused', '--files', place.folder), 65, /a directory, not a text file$/],
  ['no data files', () => ['train', '--source', 'files', '--out', place.path('unused')], 64, /data\.files: no files given/],
  [
    'context longer than the text',
    () => train('unused', '--context', '100000'),
    65,
    /training text: shorter than one window; expected at least 100001 bytes/,
  ],
  ['a new run over an old one', () => train('good'), 64, /good: the run folder holds checkpoints; expected --resume to go on, or another --out/],
  ['nothing to resume', () => train('fresh', '--resume'), 65, /fresh: holds no checkpoint to resume from$/],
  [
    'steps before the checkpoint',
    () => train('good', '--resume', '--steps', '7'),
    64,
    /the checkpoint is beyond train\.steps; expected --steps 8 or more; found 7$/,
  ],
  [
    'checkpoint of another shape',
    () => train('good', '--resume', '--d-model', '32'),
    65,
    /step-00000008: the checkpoint is of another model: dModel was 16, now 32; /,
  ],
  [
    'checkpoint of another policy',
    () => train('good', '--resume', '--policy', 'single'),
    65,
    /another model: memory\.policy was "dla", now "single"/,
  ],
  ['out is a file', () => ['train', '--config', place.config, '--out', place.text], 73, /text\.txt: the run folder cannot be created \(E/],
  [
    'metrics cannot be made',
    () => {
      mkdirSync(place.path('taken', 'metrics.jsonl'), { recursive: true });
      return train('taken');
    },
    73,
    /metrics\.jsonl: metrics cannot be created \(EISDIR\)$/,
  ],
  [
    'truncated safetensors',
    () =>
      generate(
        join(
          spoiled('cut', (run) => truncateSync(join(run, newest, 'weights.safetensors'), 900)),
          newest,
        ),
        '-p',
        'x',
      ),
    65,
    /weights\.safetensors is damaged: 900 bytes instead of \d+$/,
  ],
  [
    'all checkpoints damaged',
    () =>
      generate(
        spoiled('all', (run) => {
          for (const name of readdirSync(run)) if (name.startsWith('step-')) truncateSync(join(run, name, 'manifest.json'), 40);
        }),
        '-p',
        'x',
      ),
    65,
    /all: no checkpoint is intact; found 2 damaged$/,
  ],
  [
    'damaged manifest',
    () =>
      generate(
        join(
          spoiled('manifest', (run) =>
            file('manifest/step-00000008/manifest.json', readFileSync(join(run, newest, 'manifest.json'), 'utf8').replace('8', '9')),
          ),
          newest,
        ),
        '-p',
        'x',
      ),
    65,
    /manifest\.json is damaged$/,
  ],
  ['a file as model', () => generate(place.text, '-p', 'x'), 65, /text\.txt: not a folder/],
  ['no such model', () => generate(place.path('none'), '-p', 'x'), 65, /none: no such folder; expected a checkpoint or run folder$/],
  [
    'a folder without a checkpoint',
    () => generate(place.folder, '-p', 'x'),
    65,
    /: holds no checkpoint; expected manifest\.json, or folders step-00000123$/,
  ],
  ['empty prompt', () => generate(good, '-p', ''), 64, /--prompt: is empty/],
  ['no prompt', () => generate(good), 64, /--prompt: is missing/],
  ['missing prompt file', () => generate(good, '--prompt-file', place.path('none.txt')), 65, /none\.txt: no such file$/],
  ['empty prompt file', () => generate(good, '--prompt-file', file('empty.txt', '')), 65, /empty\.txt: the file is empty/],
  [
    'prompt file that is no text',
    () => {
      writeFileSync(place.path('bytes'), Uint8Array.of(0xff, 0xfe));
      return generate(good, '--prompt-file', place.path('bytes'));
    },
    65,
    /bytes: not UTF-8 text$/,
  ],
  ['temperature below 0', () => generate(good, '-p', 'x', '--temperature', '-1'), 64, /'-1' is invalid/],
  ['no such layer', () => ['inspect', good, '--text', 'a whale', '--layer', '3', '--device', 'cpu'], 64, /layer/],
  [
    'page that cannot be written',
    () => ['inspect', good, '--text', 'a whale', '--device', 'cpu', '--html', place.path('none', 'page.html')],
    73,
    /page\.html: the page cannot be created \(ENOENT\)$/,
  ],
  ['unknown measurement', () => ['bench', 'nonsense', '--rounds', '1', '--device', 'cpu'], 64, /nonsense/],
];

describe('bad input ends in one clear line, a code of the list, and nothing lost', () => {
  it.each(cases)('%s', async (_name, argv, code, line) => {
    const given = argv();
    const before = contents(place.folder);
    const outcome = await dla(given);
    const lines = outcome.err.split('\n').filter((text) => text.startsWith('dla: '));
    expect(lines, outcome.err).toHaveLength(1);
    expect(lines[0]).toMatch(line);
    expect(outcome.err.endsWith(`${lines[0]}\n`)).toBe(true);
    expect(outcome.err).not.toMatch(/^\s+at /m);
    expect(outcome.code).toBe(code);
    expect(contents(place.folder)).toEqual(before);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('webgpu where there is none', async () => {
    const adapters = await listAdapters();
    const { code, err } = await dla(generate(good, '-p', 'x', '--device', 'webgpu'));
    if (adapters.length > 0) expect(code, err).toBe(0);
    else {
      expect(err).toMatch(/^dla: [^\n]+\n$/);
      expect(code).toBe(64);
    }
  });

  it('weights of another shape under an honest manifest', async () => {
    const files = new Map(await readCheckpoint(join(good, newest)));
    const { tensors } = readSafetensors(files.get('weights.safetensors') as Uint8Array, { where: 'weights' });
    const entries = [...tensors].map(([name, { shape, data }], index) => ({
      name,
      dtype: 'F32' as const,
      shape: index === 0 ? [...shape].reverse() : shape,
      data: new Float32Array(new Uint8Array(data).buffer),
    }));
    const weights = writeSafetensors(entries, { format: 'dla' });
    await createCheckpointStore(place.path('shape')).save(8, new Map([...files, ['weights.safetensors', weights]]));
    for (const argv of [generate(place.path('shape'), '-p', 'x'), train('shape', '--resume', '--steps', '9')]) {
      const { code, err } = await dla(argv);
      expect(err).toMatch(/^dla: .+weights\.safetensors: weights do not fit the config: .+ is \[.+\], not \[.+\]\n$/);
      expect(code).toBe(65);
    }
  });

  it('a damaged newest checkpoint is passed over, and the run ends with the same bits', async () => {
    const run = spoiled('fallback', (folder) => truncateSync(join(folder, newest, 'optimizer.safetensors'), 100));
    const { code, err } = await dla(train('fallback', '--resume'));
    expect(err).toMatch(/step-00000008: optimizer\.safetensors is damaged: 100 bytes instead of \d+; it is passed over\n/);
    expect(err).toMatch(/going on from .+step-00000004\n/);
    expect(code).toBe(0);
    expect(readFileSync(join(run, newest, 'weights.safetensors')).equals(readFileSync(join(good, newest, 'weights.safetensors')))).toBe(true);
  });

  it('a second trainer is refused while the first holds the folder', async () => {
    const lock = await lockRunFolder(place.path('shared'));
    try {
      const { code, err } = await dla(train('shared'));
      expect(err).toMatch(new RegExp(`^dla: .+shared: the run folder is in use by process ${process.pid} on .+\n$`));
      expect(code).toBe(73);
    } finally {
      lock.release();
    }
  });

  it("strays of saves are removed, the user's own files are not", async () => {
    const run = place.path('own');
    mkdirSync(join(run, 'tmp-99-4'), { recursive: true });
    mkdirSync(join(run, 'tmp-notes'));
    copyFileSync(place.text, join(run, 'tmp-notes', 'mine.txt'));
    expect((await dla(train('own', '--steps', '2'))).err).toContain('removed tmp-99-4, left by an interrupted save');
    expect(readdirSync(run).sort()).toEqual(['lock', 'metrics.jsonl', 'step-00000002', 'tmp-notes']);
  });

  it('a folder that may not be written', async () => {
    const parent = place.path('readonly');
    mkdirSync(parent);
    chmodSync(parent, 0o500);
    // Root may write everywhere; /proc refuses even root.
    const out = process.getuid?.() === 0 ? '/proc/dla-run' : join(parent, 'run');
    const { code, err } = await dla(['train', '--config', place.config, '--out', out]);
    chmodSync(parent, 0o700);
    expect(err).toMatch(/^dla: .+: the run folder cannot be created \(E[A-Z]+\)\n$/);
    expect(code).toBe(73);
  });
});
