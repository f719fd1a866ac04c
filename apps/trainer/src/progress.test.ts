import { describe, expect, it } from 'vitest';
import { compact, createProgress, duration } from './progress.js';

const at = (step: number, milliseconds = 100): Parameters<ReturnType<typeof createProgress>['update']>[0] => ({
  step,
  steps: 100,
  loss: 2.34567,
  tokensPerSecond: 41234,
  milliseconds,
});

describe('progress', () => {
  it('redraws one line on a terminal, cut to its width', () => {
    const written: string[] = [];
    let time = 0;
    const progress = createProgress({ write: (text) => written.push(text), isTTY: true, columns: 40 }, () => time);
    progress.update(at(1));
    progress.update(at(2));
    time = 200;
    progress.update({ ...at(3), validationLoss: 2.5 });
    progress.note('saved');
    progress.end();
    expect(written.join('')).toBe(
      'step 1/100  loss 2.346  41.2k tok/s  le\r\u001b[2Kstep 3/100  loss 2.346  val 2.500  41.2\r\u001b[2Ksaved\nstep 3/100  loss 2.346  val 2.500  41.2\n',
    );
  });
  it('prints plain lines elsewhere: the first, the last, one each five seconds', () => {
    const written: string[] = [];
    let time = 0;
    const progress = createProgress({ write: (text) => written.push(text) }, () => time);
    for (let step = 1; step <= 100; step++) {
      time = step * 100;
      progress.update(at(step));
    }
    progress.end();
    expect(written.map((line) => /^step (\d+)/.exec(line)![1])).toEqual(['1', '51', '100']);
    expect(written[1]).toBe('step 51/100  loss 2.346  41.2k tok/s  left 5s\n');
    expect(written.join('')).not.toContain('\u001b');
  });
  it('shortens numbers and times', () => {
    expect([compact(12), compact(12_345), compact(2_500_000)]).toEqual(['12', '12.3k', '2.5M']);
    expect([duration(5), duration(92), duration(3 * 3600 + 300), duration(Number.NaN)]).toEqual(['5s', '1m 32s', '3h 05m', '?']);
  });
});
