import { describe, expect, it } from 'vitest';
import * as math from './math.js';

type Unary = (x: number) => number;

/** Worst error of `ours` against `engine` over an even grid, relative above `floor` and absolute (over `floor`) below. */
function worstError(ours: Unary, engine: Unary, low: number, high: number, points: number, floor: number): { error: number; at: number } {
  let error = 0;
  let at = low;
  for (let i = 0; i <= points; i++) {
    const x = low + ((high - low) * i) / points;
    const expected = engine(x);
    const found = ours(x);
    const difference = found === expected ? 0 : Math.abs(found - expected) / Math.max(Math.abs(expected), floor);
    if (!(difference <= error)) {
      error = difference;
      at = x;
    }
  }
  return { error, at };
}

const grids: readonly (readonly [name: string, ours: Unary, engine: Unary, low: number, high: number, floor: number, bound: number])[] = [
  ['exp', math.exp, Math.exp, -1, 1, 0, 2e-15],
  ['exp wide', math.exp, Math.exp, -700, 709.5, 0, 2e-15],
  ['expm1', math.expm1, Math.expm1, -0.4, 0.4, 1e-300, 4e-15],
  ['expm1 wide', math.expm1, Math.expm1, -50, 50, 1e-300, 4e-15],
  ['log', math.log, Math.log, 1e-6, 3, 1e-16, 4e-15],
  ['log wide', math.log, Math.log, 1e-300, 1e300, 0, 4e-15],
  ['log1p', math.log1p, Math.log1p, -0.999, 3, 1e-300, 4e-15],
  ['log1p tiny', math.log1p, Math.log1p, -1e-9, 1e-9, 1e-300, 4e-15],
  ['tanh', math.tanh, Math.tanh, -25, 25, 1e-300, 4e-15],
  ['tanh tiny', math.tanh, Math.tanh, -1e-3, 1e-3, 1e-300, 4e-15],
  ['sigmoid', math.sigmoid, (x) => 1 / (1 + Math.exp(-x)), -700, 60, 0, 4e-15],
  ['softplus', math.softplus, (x) => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))), -700, 60, 0, 4e-15],
  ['sin', math.sin, Math.sin, -10, 10, 1, 1e-15],
  ['sin wide', math.sin, Math.sin, -1.6e6, 1.6e6, 1, 1e-15],
  ['cos', math.cos, Math.cos, -10, 10, 1, 1e-15],
  ['cos wide', math.cos, Math.cos, -1.6e6, 1.6e6, 1, 1e-15],
  ['pow 2.5', (x) => math.pow(x, 2.5), (x) => x ** 2.5, 0.001, 1e6, 0, 1e-13],
  ['pow 0.999', (x) => math.pow(0.999, Math.floor(x)), (x) => 0.999 ** Math.floor(x), -900, 900, 0, 1e-12],
];

describe('accuracy over dense grids', () => {
  for (const [name, ours, engine, low, high, floor, bound] of grids)
    it(`${name} on [${low}, ${high}]`, () => {
      const { error, at } = worstError(ours, engine, low, high, 100_003, floor);
      expect(error, `worst at x = ${at}`).toBeLessThan(bound);
    });

  it('agrees with the engine in float32 on almost every input', () => {
    let differing = 0;
    for (let i = 0; i < 100_000; i++) {
      const x = Math.fround(-20 + i * 0.0004);
      if (Math.fround(math.exp(x)) !== Math.fround(Math.exp(x))) differing++;
      if (Math.fround(math.tanh(x)) !== Math.fround(Math.tanh(x))) differing++;
    }
    expect(differing).toBeLessThan(3);
  });

  it('exp at exponent ends: subnormal results and the last finite one', () => {
    for (const x of [-708.5, -720.25, -740, -745, -745.13, 709.2, 709.7, 709.782]) {
      const expected = Math.exp(x);
      expect(Math.abs(math.exp(x) - expected)).toBeLessThanOrEqual(Math.max(expected * 1e-14, 5e-324));
    }
    expect(math.exp(-745.2)).toBe(0);
    expect(math.exp(709.79)).toBe(Infinity);
  });

  it('log of subnormal inputs', () => {
    for (const x of [5e-324, 1e-310, 2.2e-308]) expect(Math.abs(math.log(x) / Math.log(x) - 1)).toBeLessThan(1e-15);
  });
});

describe('special values', () => {
  const rows: readonly (readonly [name: string, ours: Unary, engine: Unary])[] = [
    ['exp', math.exp, Math.exp],
    ['expm1', math.expm1, Math.expm1],
    ['log', math.log, Math.log],
    ['log1p', math.log1p, Math.log1p],
    ['tanh', math.tanh, Math.tanh],
    ['sin', math.sin, Math.sin],
    ['cos', math.cos, Math.cos],
  ];
  for (const [name, ours, engine] of rows)
    it(`${name} of 0, -0, +-inf, NaN and +-1e308 as the engine`, () => {
      for (const x of [0, -0, Infinity, -Infinity, Number.NaN]) expect(ours(x), `${name}(${x})`).toBe(engine(x));
      if (name !== 'sin' && name !== 'cos')
        for (const x of [1e308, -1e308, -2, 23, -23])
          expect(Math.abs(ours(x) / engine(x) - 1) < 1e-14 || Object.is(ours(x), engine(x)), `${name}(${x})`).toBe(true);
    });

  it('log1p(-1), sigmoid and softplus ends', () => {
    expect(math.log1p(-1)).toBe(-Infinity);
    expect(math.log1p(-1.5)).toBe(Number.NaN);
    expect([-Infinity, Infinity, 0, -800, 800].map(math.sigmoid)).toEqual([0, 1, 0.5, 0, 1]);
    expect([-Infinity, Infinity, -800, 800].map(math.softplus)).toEqual([0, Infinity, 0, 800]);
    expect(math.sigmoid(Number.NaN)).toBe(Number.NaN);
    expect(math.softplus(Number.NaN)).toBe(Number.NaN);
  });

  it('sin and cos of huge angles stay in range', () => {
    for (const x of [1e9, -3e12, 1e300]) {
      expect(Math.abs(math.sin(x))).toBeLessThanOrEqual(1);
      expect(Math.abs(math.sin(x) ** 2 + math.cos(x) ** 2 - 1)).toBeLessThan(1e-14);
    }
    expect(Math.abs(math.sin(1e7) - Math.sin(1e7))).toBeLessThan(1e-9);
  });

  it('pow as the engine', () => {
    const values = [0, -0, 1, -1, 2, -2, 0.5, -0.5, Infinity, -Infinity, Number.NaN, 3, -3, 1025, 1026];
    for (const base of values)
      for (const exponent of values) {
        const [found, expected] = [math.pow(base, exponent), base ** exponent];
        expect(Object.is(found, expected) || Math.abs(found / expected - 1) < 1e-12, `${base} ** ${exponent}: ${found}, expected ${expected}`).toBe(
          true,
        );
      }
  });
});

describe('stored bits', () => {
  // A change of any bit breaks the promise of equal results across releases and engines.
  it('has the bits of the first release', () => {
    let hash = 0x811c9dc5;
    const cell = new Float64Array(1);
    const bytes = new Uint8Array(cell.buffer);
    const functions: readonly Unary[] = [math.exp, math.expm1, math.log, math.log1p, math.tanh, math.sigmoid, math.softplus, math.sin, math.cos];
    for (const f of functions)
      for (let i = 1; i < 2000; i++) {
        cell[0] = f(i * 0.0078125);
        for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
      }
    expect(hash.toString(16)).toBe('28d42fb5');
  });
});
