import { describe, expect, it } from 'vitest';
import { createStream, philox4x32, restoreStream } from './random.js';

const hex = (words: readonly number[]): string => words.map((word) => word.toString(16).padStart(8, '0')).join(' ');

describe('Philox-4x32-10', () => {
  it('gives the published known answers', () => {
    const all = 0xffffffff;
    expect(hex(philox4x32([0, 0, 0, 0], [0, 0]))).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
    expect(hex(philox4x32([all, all, all, all], [all, all]))).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
    expect(hex(philox4x32([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]))).toBe('d16cfe09 94fdcceb 5001e420 24126ea1');
  });
});

describe('streams', () => {
  it('are functions of seed, name and position', () => {
    const a = createStream(7, 'weights');
    const first = a.bits(10);
    const saved = a.state();
    const rest = a.bits(10);
    expect(createStream(7, 'weights').bits(20)).toEqual(Uint32Array.of(...first, ...rest));
    expect(restoreStream(JSON.parse(JSON.stringify(saved))).bits(10)).toEqual(rest);
    expect(createStream(7, 'other').bits(10)).not.toEqual(first);
    expect(createStream(8, 'weights').bits(10)).not.toEqual(first);
    expect(createStream(2 ** 40 + 7, 'weights').bits(10)).not.toEqual(first);
  });

  it('have the moments of their distributions', () => {
    const normal = createStream(1).normal(20000, 3, 2);
    const mean = normal.reduce((sum, x) => sum + x, 0) / normal.length;
    const variance = normal.reduce((sum, x) => sum + (x - mean) ** 2, 0) / normal.length;
    expect(mean).toBeCloseTo(3, 1);
    expect(variance).toBeGreaterThan(3.85);
    expect(variance).toBeLessThan(4.15);
    const uniform = createStream(2).uniform(20000, -1, 1);
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...uniform)).toBeLessThan(1);
    expect(uniform.reduce((sum, x) => sum + x, 0) / uniform.length).toBeCloseTo(0, 1);
  });

  it('draw uniforms below the upper end, also where float32 would round up to it', () => {
    const narrow = createStream(6).uniform(1000, 1, 1 + 2 ** -23);
    expect(narrow.every((value) => value === 1)).toBe(true);
  });

  it('draw integers evenly and shuffle without loss', () => {
    const counts = new Array<number>(6).fill(0);
    for (const value of createStream(3).integers(12000, 6)) counts[value] = (counts[value] as number) + 1;
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
    const items = Array.from({ length: 50 }, (_, index) => index);
    const shuffled = createStream(4).shuffle([...items]);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  });

  it('refuse bad seeds and bounds', () => {
    expect(() => createStream(-1)).toThrow('random: a seed must be');
    expect(() => createStream(1.5)).toThrow('random: a seed must be');
    expect(() => createStream(1).integer(0)).toThrow('random: the bound must be');
  });
});
