import { describe, expect, it } from 'vitest';
import { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16, fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './float16.js';

/** Value of 16-bit float bits from the format's definition alone. */
function defined(bits: number, exponentBits: number): number {
  const fractionBits = 15 - exponentBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> fractionBits) & (2 ** exponentBits - 1);
  const fraction = bits & (2 ** fractionBits - 1);
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias - fractionBits);
  return sign * (1 + fraction / 2 ** fractionBits) * 2 ** (exponent - bias);
}

const formats = [
  { name: 'float16', exponentBits: 5, to: toFloat16, from: fromFloat16 },
  { name: 'bfloat16', exponentBits: 8, to: toBfloat16, from: fromBfloat16 },
] as const;

for (const { name, exponentBits, to, from } of formats)
  describe(name, () => {
    it('decodes all 65,536 codes, and encodes each value back', () => {
      for (let code = 0; code < 65536; code++) {
        const value = defined(code, exponentBits);
        if (!Object.is(from(code), value)) expect.fail(`${code}: ${from(code)}, expected ${value}`);
        const back = to(value);
        if (Number.isNaN(value) ? !Number.isNaN(from(back)) : back !== code) expect.fail(`${code} came back as ${back}`);
      }
    });

    it('rounds to nearest, ties to even, between all neighbours', () => {
      const infinity = ((2 ** exponentBits - 1) << (15 - exponentBits)) >>> 0;
      for (let code = 0; code + 1 < infinity; code++) {
        const [low, high] = [from(code), from(code + 1)];
        const middle = (low + high) / 2;
        const below = low + (high - low) * 0.4375;
        const above = low + (high - low) * 0.5625;
        const even = code % 2 === 0 ? code : code + 1;
        // The middle of two bfloat16 subnormals may be no float32; the quarter points are checked only where they are.
        if (Math.fround(middle) === middle && to(middle) !== even) expect.fail(`tie after ${code}: ${to(middle)}`);
        if (Math.fround(below) === below && to(below) !== code) expect.fail(`below the tie after ${code}: ${to(below)}`);
        if (Math.fround(above) === above && to(-above) !== ((code + 1) | 0x8000)) expect.fail(`above the tie after ${code}: ${to(-above)}`);
      }
    });
  });

describe('ends of the range', () => {
  it('float16 overflows from 65520, bfloat16 near the float32 maximum', () => {
    expect([65504, 65519.99, 65520, 1e30, Infinity, -Infinity].map(toFloat16)).toEqual([0x7bff, 0x7bff, 0x7c00, 0x7c00, 0x7c00, 0xfc00]);
    expect([3.4028234663852886e38, 3.38953139e38, -1e39].map(toBfloat16)).toEqual([0x7f80, 0x7f7f, 0xff80]);
  });

  it('float16 underflows to signed zero at and below 2^-25', () => {
    expect([2 ** -25, -(2 ** -25), 2 ** -24, 1.5 * 2 ** -24, 2 ** -25 * 1.001, 1e-40].map(toFloat16)).toEqual([0, 0x8000, 1, 2, 1, 0]);
  });

  it('arrays convert elementwise', () => {
    const values = Float32Array.of(0, -0, 1, -2.5, 65504, 0.333251953125);
    expect(decodeFloat16(encodeFloat16(values))).toEqual(values);
    const coarse = Float32Array.of(0, -1, 3.140625, 1e38);
    expect(decodeBfloat16(encodeBfloat16(coarse))[2]).toBe(3.140625);
    expect(decodeBfloat16(encodeBfloat16(coarse)).length).toBe(4);
  });
});
