import { describe, expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { randomBitsCases } from './cases.js';
import { randomBits, uniform } from './op.js';

describeOp('random-bits', randomBitsCases);

const key = (low: number, high: number) => tensor(Uint32Array.of(low, high));

describe('randomBits', () => {
  it('gives the published values of Philox4x32-10 for a zero counter and key', async () => {
    expect([...(await randomBits(key(0, 0), [4]).data())]).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  });

  it('counts blocks, and starts the same for every length', async () => {
    const long = await randomBits(key(1, 2), [3, 7]).data();
    expect([...(await randomBits(key(1, 2), [6]).data())]).toEqual([...long.subarray(0, 6)]);
    expect(new Set(long).size).toBe(21);
    expect([...(await randomBits(key(2, 2), [4]).data())]).not.toEqual([...long.subarray(0, 4)]);
  });

  it('uniform: 24 bits in [0, 1)', async () => {
    const values = (await uniform(key(5, 6), [10000]).data()) as Float32Array;
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    // Five standard errors.
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / 10000));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.004);
    const bits = await randomBits(key(5, 6), [3]).data();
    expect([...values.subarray(0, 3)]).toEqual([...bits].map((value) => (value >>> 8) / 2 ** 24));
  });

  it('needs a key of two words', () => {
    expect(() => randomBits(tensor(Uint32Array.of(1)), [4])).toThrow('random-bits: wrong shape of the key; expected [2]; found [1]');
  });
});
