import { describe, expect, it } from 'vitest';
import { createSchedule } from './schedule.js';

describe('schedule', () => {
  it('warms up linearly, then decays by cosine to the floor', () => {
    const rate = createSchedule({ kind: 'cosine', peak: 2, warmup: 4, total: 104, floor: 0.1 });
    expect([1, 2, 4].map(rate)).toEqual([0.5, 1, 2]);
    expect(rate(54)).toBeCloseTo(2 * (0.1 + 0.9 * 0.5), 12);
    expect(rate(104)).toBeCloseTo(0.2, 12);
    expect(rate(200)).toBeCloseTo(0.2, 12);
  });

  it('decays linearly', () => {
    const rate = createSchedule({ kind: 'linear', peak: 1, total: 10 });
    expect([1, 5, 10].map(rate)).toEqual([0.9, 0.5, 0]);
  });

  it('stays, then decays (wsd), and stays (constant)', () => {
    const rate = createSchedule({ kind: 'wsd', peak: 1, warmup: 10, total: 100, decayFraction: 0.2 });
    expect([10, 50, 80, 90, 100].map(rate)).toEqual([1, 1, 1, 0.5, 0]);
    expect(createSchedule({ kind: 'constant', peak: 3, total: 5 })(5)).toBe(3);
  });

  it('names what is out of range', () => {
    expect(() => createSchedule({ kind: 'cosine', peak: -1, total: 5 })).toThrow('schedule: peak is out of range');
    expect(() => createSchedule({ kind: 'cosine', peak: 1, total: 5, warmup: 6 })).toThrow('schedule: warmup is out of range');
    expect(() => createSchedule({ kind: 'wsd', peak: 1, total: 5, decayFraction: 0 })).toThrow('decayFraction');
  });
});
