import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MatmulCall, WasmRuntime } from './runtime.js';
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

interface Problem {
  batch?: number;
  m: number;
  n: number;
  k: number;
  transposeA?: boolean;
  transposeB?: boolean;
  shareA?: boolean;
  shareB?: boolean;
}

function numbers(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => Math.fround(Math.sin(index * 12.9898 + seed) * 3));
}

/** What the kernels promise to the bit: products rounded to f32, added in ascending k. */
function reference(problem: Problem, a: Float32Array, b: Float32Array): Float32Array {
  const { batch = 1, m, n, k, transposeA = false, transposeB = false } = problem;
  const c = new Float32Array(batch * m * n);
  for (let item = 0; item < batch; item++)
    for (let row = 0; row < m; row++)
      for (let column = 0; column < n; column++) {
        let sum = 0;
        for (let i = 0; i < k; i++) {
          const left = a[(problem.shareA ? 0 : item * m * k) + (transposeA ? i * m + row : row * k + i)] as number;
          const right = b[(problem.shareB ? 0 : item * k * n) + (transposeB ? column * k + i : i * n + column)] as number;
          sum = Math.fround(sum + Math.fround(left * right));
        }
        c[(item * m + row) * n + column] = sum;
      }
  return c;
}

/** Runs a problem with guard cells round c; fails when one changed. */
function multiply(runtime: WasmRuntime, problem: Problem, a: Float32Array, b: Float32Array): Float32Array {
  const { batch = 1, m, n, k, transposeA = false, transposeB = false } = problem;
  const guard = 16;
  const pointers = [a.length, b.length, batch * m * n + 2 * guard].map((length) => runtime.allocate(length * 4));
  const [pointerA, pointerB, pointerC] = pointers as [number, number, number];
  runtime.view('f32', pointerA, a.length).set(a);
  runtime.view('f32', pointerB, b.length).set(b);
  const all = runtime.view('f32', pointerC, batch * m * n + 2 * guard).fill(12345);
  const call: MatmulCall = {
    a: pointerA,
    b: pointerB,
    c: pointerC + guard * 4,
    batch,
    m,
    n,
    k,
    strideA: problem.shareA ? 0 : m * k,
    strideB: problem.shareB ? 0 : k * n,
    strideC: m * n,
    transposeA,
    transposeB,
  };
  runtime.matmul(call);
  expect([...all.slice(0, guard), ...all.slice(-guard)].every((value) => value === 12345)).toBe(true);
  const result = Float32Array.from(all.subarray(guard, guard + batch * m * n) as Float32Array);
  for (const pointer of pointers) runtime.free(pointer);
  return result;
}

function check(problem: Problem): void {
  const { batch = 1, m, n, k } = problem;
  const a = numbers((problem.shareA ? 1 : batch) * m * k, 1);
  const b = numbers((problem.shareB ? 1 : batch) * k * n, 2);
  const expected = reference(problem, a, b);
  for (const runtime of [one, two]) {
    const found = multiply(runtime, problem, a, b);
    const wrong = found.findIndex((value, index) => !Object.is(value + 0, (expected[index] as number) + 0));
    expect(wrong === -1 ? '' : `${runtime.threads} threads, element ${wrong}: ${found[wrong]}, expected ${expected[wrong]}`).toBe('');
  }
}

const transposes: readonly [boolean, boolean][] = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
];

describe('matmul equals rounded products added in ascending k, to the bit, at 1 and 2 threads', () => {
  it.each(transposes)('every [m, k] x [k, n] of small and odd sizes, transposeA %s, transposeB %s', (transposeA, transposeB) => {
    const sizes = [0, 1, 2, 3, 4, 6, 7, 8, 9, 13, 33, 63];
    for (const m of sizes) for (const n of sizes) for (const k of sizes) check({ m, n, k, transposeA, transposeB });
  });

  it.each(transposes)('sizes beyond one slab, block or task, transposeA %s, transposeB %s', (transposeA, transposeB) => {
    for (const [m, n, k] of [
      [257, 100, 63],
      [100, 257, 300],
      [1, 257, 1024],
      [2, 1000, 300],
      [5, 700, 513],
      [300, 1, 1024],
      [300, 3, 700],
      [200, 8, 257],
    ] as const)
      check({ m, n, k, transposeA, transposeB });
  });

  it.each(transposes)('batches with own and shared operands, transposeA %s, transposeB %s', (transposeA, transposeB) => {
    for (const [m, n, k] of [
      [1, 1, 1],
      [1, 65, 33],
      [5, 7, 9],
      [31, 33, 32],
      [64, 64, 64],
    ] as const)
      for (const shareA of [false, true])
        for (const shareB of [false, true]) for (const batch of [2, 3, 8, 17]) check({ batch, m, n, k, transposeA, transposeB, shareA, shareB });
  });

  it('products of which packed B needs several passes over columns and over k', () => {
    check({ m: 4, n: 70, k: 33_000 });
    check({ m: 4, n: 70, k: 33_000, transposeA: true, transposeB: true });
    check({ m: 4, n: 2200, k: 1000 });
  });

  it('stays near the float64 product at 257 x 100 x 257', () => {
    const problem = { m: 257, n: 100, k: 257 };
    const a = numbers(257 * 257, 1);
    const b = numbers(257 * 100, 2);
    const found = multiply(two, problem, a, b);
    let worst = 0;
    for (let row = 0; row < 257; row++)
      for (let column = 0; column < 100; column++) {
        let sum = 0;
        let size = 0;
        for (let i = 0; i < 257; i++) {
          const product = (a[row * 257 + i] as number) * (b[i * 100 + column] as number);
          sum += product;
          size += Math.abs(product);
        }
        worst = Math.max(worst, Math.abs((found[row * 100 + column] as number) - sum) / size);
      }
    expect(worst).toBeLessThan(2e-6);
  });

  it('carries infinities and NaN through, and writes zeros for k = 0', () => {
    const a = Float32Array.from([Number.POSITIVE_INFINITY, 1, Number.NaN, 2, 3, 4]);
    const b = Float32Array.from([1, -1, 2, 5]);
    expect([...multiply(one, { m: 3, n: 2, k: 2 }, a, b)]).toEqual([Infinity, -Infinity, NaN, NaN, 11, 17]);
    expect([...multiply(two, { batch: 2, m: 2, n: 2, k: 0 }, new Float32Array(0), new Float32Array(0))]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });
});
