import { describe, expect, it } from 'vitest';
import { DLA, runSegment } from '../test/policies.js';
import { randomStream } from '../test/random.js';
import { MergeLog, mergeLogs } from './merge-log.js';

describe('merge log', () => {
  it('follows openings and merges', () => {
    const log = new MergeLog();
    log.append(true, -1);
    log.append(false, -1);
    log.append(true, -1);
    log.append(true, 0);
    log.append(false, -2);
    expect(log.events).toEqual([
      { kind: 'open', time: 0 },
      { kind: 'open', time: 2 },
      { kind: 'merge', time: 3, index: 0, older: { start: 0, end: 2 }, younger: { start: 2, end: 3 } },
      { kind: 'open', time: 3 },
      { kind: 'held', time: 4 },
    ]);
    expect([log.time, log.opened, log.merges]).toEqual([5, 3, 1]);
    expect(log.slotsAt(1)).toEqual([{ start: 0, end: 2 }]);
    expect(log.slotsAt(2)).toEqual([
      { start: 0, end: 2 },
      { start: 2, end: 3 },
    ]);
    expect(log.slotsAt(4)).toEqual([
      { start: 0, end: 3 },
      { start: 3, end: 5 },
    ]);
  });

  it('at every time the slots partition the past and are at most M (contract 4), also in pieces', () => {
    const sizes = { batch: 2, time: 90, groups: 1, heads: 2, keyWidth: 4, valueWidth: 4, slots: 1 };
    const { k, v, g } = randomStream(4, sizes);
    const { opened, mergedAt } = runSegment(k, v, g, { ...DLA, capacity: 6 });
    const logs = mergeLogs({ opened: opened.data, mergedAt: mergedAt.data }, [2, 90, 2]);
    for (const log of logs) {
      expect(log.merges).toBeGreaterThan(0);
      for (let t = 0; t < 90; t++) {
        const slots = log.slotsAt(t);
        expect(slots.length).toBeLessThanOrEqual(6);
        expect([slots[0]?.start, slots[slots.length - 1]?.end]).toEqual([0, t + 1]);
        slots.forEach(({ start, end }, index) => {
          expect(start).toBe(index === 0 ? 0 : slots[index - 1]?.end);
          expect(end).toBeGreaterThan(start);
        });
      }
    }
    const part = (data: ArrayLike<number>, from: number, to: number): number[] =>
      [0, 1].flatMap((b) => Array.from(data).slice((b * 90 + from) * 2, (b * 90 + to) * 2));
    const cut = (from: number, to: number) => ({ opened: part(opened.data, from, to), mergedAt: part(mergedAt.data, from, to) });
    const pieces = mergeLogs(cut(31, 90), [2, 59, 2], mergeLogs(cut(0, 31), [2, 31, 2]));
    expect(pieces.map(({ events }) => events)).toEqual(logs.map(({ events }) => events));
  });

  it('refuses what cannot be', () => {
    const log = new MergeLog();
    log.append(true, -1);
    expect(() => log.append(true, 0)).toThrow('merge log: the merge at token 1 names no pair');
    expect(() => log.slotsAt(7)).toThrow('merge log: no such token');
    expect(() => mergeLogs({ opened: [1], mergedAt: [-1] }, [1, 2, 1])).toThrow(
      'merge log: arrays do not fit; expected 2 elements, 1 logs; found 1 and 1',
    );
  });
});
