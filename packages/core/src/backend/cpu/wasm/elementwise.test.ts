import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as math from '../../../math.js';
import type { WasmBinaryKind, WasmRuntime, WasmUnaryKind } from './runtime.js';
import { createWasmRuntime } from './runtime.js';

let one: WasmRuntime;
let two: WasmRuntime;
beforeAll(async () => {
  one = await createWasmRuntime({ threads: 1 });
  two = await createWasmRuntime({ threads: 2 });
});
afterAll(() => {
  one.dispose();
  two.dispose();
});

/** Lays the arrays out with guard cells behind each, runs, and returns copies of all; fails when a guard changed. */
function withArrays(runtime: WasmRuntime, arrays: readonly Float32Array[], run: (...pointers: number[]) => void): Float32Array[] {
  const pointers = arrays.map((array) => runtime.allocate(array.byteLength + 64));
  const views = arrays.map((array, index) => runtime.view('f32', pointers[index] as number, array.length + 16) as Float32Array);
  for (const [index, view] of views.entries()) view.fill(12345).set(arrays[index] as Float32Array);
  run(...pointers);
  const results = views.map((view, index) => {
    const { length } = arrays[index] as Float32Array;
    expect(view.subarray(length).every((value) => value === 12345)).toBe(true);
    return Float32Array.from(view.subarray(0, length));
  });
  for (const pointer of pointers) runtime.free(pointer);
  return results;
}

/** Runs on one and on two threads, checks equal bits, returns the arrays. */
function run(arrays: readonly Float32Array[], body: (runtime: WasmRuntime, ...pointers: number[]) => void): Float32Array[] {
  const [first, second] = [one, two].map((runtime) => withArrays(runtime, arrays, (...pointers) => body(runtime, ...pointers)));
  const bits = (list: Float32Array[] | undefined): Uint8Array[] => (list ?? []).map((array) => new Uint8Array(array.buffer));
  expect(bits(first).every((array, index) => Buffer.compare(array, bits(second)[index] as Uint8Array) === 0)).toBe(true);
  return first as Float32Array[];
}

function numbers(length: number, seed: number, scale = 3): Float32Array {
  return Float32Array.from({ length }, (_, index) => Math.sin(index * 12.9898 + seed) * scale);
}

/** Position of a float among all floats: neighbours differ by 1. */
function ordinal(value: number): number {
  const bits = new Int32Array(Float32Array.of(value).buffer)[0] as number;
  return bits < 0 ? -(bits & 0x7fffffff) : bits;
}

const functions: { readonly [K in WasmUnaryKind]: { evaluate: (x: number) => number; ulps: number } } = {
  neg: { evaluate: (x) => -x, ulps: 0 },
  exp: { evaluate: math.exp, ulps: 1 },
  log: { evaluate: math.log, ulps: 1 },
  sqrt: { evaluate: Math.sqrt, ulps: 0 },
  rsqrt: { evaluate: (x) => 1 / Math.sqrt(x), ulps: 1 },
  square: { evaluate: (x) => x * x, ulps: 0 },
  reciprocal: { evaluate: (x) => 1 / x, ulps: 0 },
  abs: { evaluate: Math.abs, ulps: 0 },
  sigmoid: { evaluate: math.sigmoid, ulps: 2 },
  tanh: { evaluate: math.tanh, ulps: 3 },
  silu: { evaluate: (x) => x * math.sigmoid(x), ulps: 3 },
  relu: { evaluate: (x) => (x > 0 ? x : 0), ulps: 0 },
  softplus: { evaluate: math.softplus, ulps: 2 },
};

describe('unary functions', () => {
  const special = [
    0,
    -0,
    Infinity,
    -Infinity,
    NaN,
    1e-45,
    -1e-45,
    1e-39,
    -1e-39,
    1.1754944e-38,
    3.4e38,
    -3.4e38,
    88.7,
    88.8,
    -87.4,
    -103.9,
    -104,
    1,
    -1,
  ];
  // Every 40,009th float: all magnitudes of both signs, and a dense range about 0.
  const bits = Uint32Array.from({ length: 107_000 }, (_, index) => index * 40_009);
  const x = Float32Array.from([...special, ...new Float32Array(bits.buffer), ...numbers(40_001, 3, 12)]);

  it.each(Object.keys(functions) as WasmUnaryKind[])('%s over all magnitudes, infinities, NaN and subnormals', (kind) => {
    const { evaluate, ulps } = functions[kind];
    const [, y] = run([x, new Float32Array(x.length)], (runtime, from, to) => runtime.unary(kind, from as number, to as number, x.length));
    let worst = 0;
    let at = 0;
    // Below -87 e^x is subnormal: silu carries its absolute error, half a step of 1.4e-45 times |x|.
    const floor = kind === 'silu' ? 104 * 1.4e-45 : 0;
    for (const [index, value] of x.entries()) {
      const expected = Math.fround(evaluate(value));
      const found = y?.[index] as number;
      const error =
        Number.isNaN(expected) || Number.isNaN(found) ? (Object.is(expected, found) ? 0 : Infinity) : Math.abs(ordinal(expected) - ordinal(found));
      if (error > worst && !(Math.abs(expected - found) <= floor)) [worst, at] = [error, index];
    }
    expect(worst <= ulps ? '' : `${worst} ulp at ${x[at]}: ${y?.[at]}, expected ${Math.fround(evaluate(x[at] as number))}`).toBe('');
  });

  it.each([0, 1, 2, 3, 4, 5, 63, 100, 257])('length %i, in place', (length) => {
    const values = numbers(length, 1);
    const [y] = run([values], (runtime, pointer) => runtime.unary('square', pointer as number, pointer as number, length));
    expect(y).toEqual(values.map((value) => value * value));
  });
});

describe('binary functions have the bits of plain code', () => {
  const evaluate: { readonly [K in WasmBinaryKind]: (a: number, b: number) => number } = {
    add: (a, b) => a + b,
    sub: (a, b) => a - b,
    mul: (a, b) => a * b,
    div: (a, b) => a / b,
    max: (a, b) => (a > b ? a : b),
    min: (a, b) => (a < b ? a : b),
  };
  const kinds = Object.keys(evaluate) as WasmBinaryKind[];

  it.each([
    [1, 1],
    [1, 70_001],
    [3, 5],
    [7, 63],
    [257, 300],
  ])('[%i, %i] with dense, row, column and scalar operands', (rows, columns) => {
    const forms = [
      { size: rows * columns, stride: columns, step: 1 },
      { size: columns, stride: 0, step: 1 },
      { size: rows, stride: 1, step: 0 },
      { size: 1, stride: 0, step: 0 },
    ] as const;
    for (const kind of kinds)
      for (const left of forms)
        for (const right of forms) {
          const a = numbers(left.size, 1);
          const b = numbers(right.size, 2);
          const layout = { rows, columns, strideA: left.stride, strideB: right.stride, stepA: left.step, stepB: right.step };
          const [, , c] = run([a, b, new Float32Array(rows * columns)], (runtime, ...[pointerA, pointerB, pointerC]) =>
            runtime.binary({ kind, a: pointerA as number, b: pointerB as number, c: pointerC as number, ...layout }),
          );
          let wrong = 0;
          for (let i = 0; i < rows; i++)
            for (let j = 0; j < columns; j++) {
              const expected = Math.fround(
                evaluate[kind](a[i * left.stride + j * left.step] as number, b[i * right.stride + j * right.step] as number),
              );
              if (c?.[i * columns + j] !== expected) wrong++;
            }
          expect(wrong).toBe(0);
        }
  });
});

describe('sums, transposes and AdamW', () => {
  const shapes: readonly [number, number][] = [
    [1, 1],
    [3, 2],
    [63, 100],
    [257, 9],
    [1024, 128],
    [5, 70_001],
  ];

  it.each(shapes)('sumRows and sumColumns of [%i, %i]', (rows, columns) => {
    const batch = 3;
    const x = numbers(batch * rows * columns, 1);
    const [, rowSums, columnSums] = run(
      [x, new Float32Array(batch * rows), new Float32Array(batch * columns)],
      (runtime, from, toRows, toColumns) => {
        runtime.sumRows(from as number, toRows as number, batch * rows, columns);
        runtime.sumColumns(from as number, toColumns as number, batch, rows, columns);
      },
    );
    for (let row = 0; row < batch * rows; row++) {
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += x[row * columns + j] as number;
      expect(Math.abs((rowSums?.[row] as number) - sum)).toBeLessThanOrEqual(1e-7 * Math.abs(sum) + 1e-10 * columns);
    }
    const expected = new Float64Array(batch * columns);
    for (let i = 0; i < x.length; i++) {
      const at = Math.floor(i / (rows * columns)) * columns + (i % columns);
      expected[at] = (expected[at] as number) + (x[i] as number);
    }
    expect(columnSums).toEqual(Float32Array.from(expected));
  });

  it('sums of no elements are 0', () => {
    const [, rowSums, columnSums] = run([new Float32Array(1), numbers(3, 1), numbers(3, 1)], (runtime, from, toRows, toColumns) => {
      runtime.sumRows(from as number, toRows as number, 3, 0);
      runtime.sumColumns(from as number, toColumns as number, 1, 0, 3);
    });
    expect([rowSums, columnSums]).toEqual([new Float32Array(3), new Float32Array(3)]);
  });

  it.each([
    [1, 1, 1, 1],
    [2, 3, 5, 1],
    [3, 63, 100, 1],
    [1, 257, 1030, 1],
    [2, 37, 4, 32],
    [2, 4, 300, 33],
    [2, 70, 5, 3],
  ])('transpose of [%i, %i, %i, %i]', (batch, rows, columns, inner) => {
    const x = numbers(batch * rows * columns * inner, 1);
    const [, y] = run([x, new Float32Array(x.length)], (runtime, from, to) =>
      runtime.transpose(from as number, to as number, batch, rows, columns, inner),
    );
    const expected = new Float32Array(x.length);
    let at = 0;
    for (let b = 0; b < batch; b++)
      for (let j = 0; j < columns; j++)
        for (let i = 0; i < rows; i++) for (let l = 0; l < inner; l++) expected[at++] = x[((b * rows + i) * columns + j) * inner + l] as number;
    expect(y).toEqual(expected);
  });

  it.each([1, 2, 63, 100, 30_001])('adamw of %i elements, in place, has the bits of the plain float64 loop', (length) => {
    const settings = {
      learningRate: 1e-3,
      inverseCorrection1: 1.7,
      inverseCorrection2: 3.1,
      gradientScale: 0.37,
      beta1: 0.9,
      beta2: 0.95,
      epsilon: 1e-8,
      weightDecay: 0.1,
    };
    const [p, m, v, g] = [numbers(length, 1), numbers(length, 2, 0.1), numbers(length, 3, 0.1).map(Math.abs), numbers(length, 4)] as const;
    const found = run([p, m, v, g], (runtime, ...pointers) => {
      const [atP, atM, atV, gradient] = pointers as [number, number, number, number];
      runtime.adamw({ p: atP, m: atM, v: atV, gradient, nextP: atP, nextM: atM, nextV: atV, length, ...settings });
    });
    const expected = [p, m, v, g].map((array) => Float32Array.from(array)) as [Float32Array, Float32Array, Float32Array, Float32Array];
    for (let i = 0; i < length; i++) {
      const { beta1, beta2 } = settings;
      const gradient = (g[i] as number) * settings.gradientScale;
      const first = beta1 * (m[i] as number) + (1 - beta1) * gradient;
      const second = beta2 * (v[i] as number) + (1 - beta2) * gradient * gradient;
      const direction = (first * settings.inverseCorrection1) / (Math.sqrt(second * settings.inverseCorrection2) + settings.epsilon);
      expected[0][i] = (p[i] as number) - settings.learningRate * (settings.weightDecay * (p[i] as number) + direction);
      expected[1][i] = first;
      expected[2][i] = second;
    }
    expect(found).toEqual(expected);
  });
});
