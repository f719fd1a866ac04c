import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createMetricsWriter } from './metrics.js';

const folder = mkdtempSync(join(tmpdir(), 'dla-metrics-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'metrics.jsonl');
const stepsOf = (): unknown[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { step: unknown }).step);

describe('metrics', () => {
  it('appends one JSON object a line, readable at once', () => {
    const first = createMetricsWriter(file, 0);
    first.write({ step: 1, loss: 2.5, text: 'a\nb' });
    expect(readFileSync(file, 'utf8')).toBe('{"step":1,"loss":2.5,"text":"a\\nb"}\n');
    first.close();
    const second = createMetricsWriter(file, 1);
    second.write({ step: 2, loss: Number.NaN });
    second.sync();
    second.close();
    expect(readFileSync(file, 'utf8').split('\n')[1]).toBe('{"step":2,"loss":null}');
  });
  it('takes away what came after the checkpoint, and a torn line', () => {
    const at = (step: number): void => createMetricsWriter(file, step).close();
    const writer = createMetricsWriter(file, 0);
    for (const step of [0, 1, 2, 2, 3, 4]) writer.write({ step });
    writer.close();
    appendFileSync(file, '{"step":5,"lo');
    at(9);
    expect(stepsOf()).toEqual([0, 1, 2, 2, 3, 4]);
    at(2);
    expect(stepsOf()).toEqual([0, 1, 2, 2]);
    appendFileSync(file, '\nnull\n');
    at(2);
    expect(stepsOf()).toEqual([0, 1, 2, 2]);
    at(0);
    expect(stepsOf()).toEqual([]);
  });
  it('names what fails', () => {
    expect(() => createMetricsWriter('absent/metrics.jsonl', 0)).toThrow('absent/metrics.jsonl: metrics cannot be created (ENOENT)');
    expect(() => createMetricsWriter(folder, 0)).toThrow('metrics cannot be created (EISDIR)');
  });
});
