import { bench, describe } from 'vitest';
import type { WasmRuntime } from '../src/backend/cpu/wasm/runtime.js';
import { createWasmRuntime } from '../src/backend/cpu/wasm/runtime.js';

// Run with `npx vitest bench --project unit packages/core/bench`. GFLOP/s = 2 batch m n k / time.
const cases = [
  { name: '512^3', batch: 1, m: 512, n: 512, k: 512 },
  { name: '1024^3', batch: 1, m: 1024, n: 1024, k: 1024 },
  { name: '1024 x 128 x 384', batch: 1, m: 1024, n: 384, k: 128 },
  { name: '384 x 1024 x 128, A transposed', batch: 1, m: 384, n: 128, k: 1024, transposeA: true },
  { name: '64 of 64^3', batch: 64, m: 64, n: 64, k: 64 },
];

const runtimes: WasmRuntime[] = await Promise.all([1, 2].map((threads) => createWasmRuntime({ threads })));

function filled(runtime: WasmRuntime, length: number): number {
  const pointer = runtime.allocate(4 * length);
  const view = runtime.view('f32', pointer, length);
  for (let index = 0; index < length; index++) view[index] = Math.sin(index);
  return pointer;
}

for (const { name, batch, m, n, k, transposeA = false } of cases)
  describe(`matmul ${name}`, () => {
    for (const runtime of runtimes) {
      const [a, b, c] = [filled(runtime, batch * m * k), filled(runtime, batch * k * n), runtime.allocate(4 * batch * m * n)];
      const call = { a, b, c, batch, m, n, k, strideA: m * k, strideB: k * n, strideC: m * n, transposeA, transposeB: false };
      bench(
        `${runtime.threads} thread${runtime.threads === 1 ? '' : 's'}, ${((2 * batch * m * n * k) / 1e6).toFixed(0)} MFLOP`,
        () => runtime.matmul(call),
        { time: 500 },
      );
    }
  });

describe('1,048,576 elements', () => {
  const length = 1 << 20;
  for (const runtime of runtimes) {
    const [x, y] = [filled(runtime, length), runtime.allocate(4 * length)];
    const dense = { rows: 1, columns: length, strideA: length, strideB: length, stepA: 1, stepB: 1 } as const;
    bench(`silu, threads ${runtime.threads}`, () => runtime.unary('silu', x, y, length), { time: 300 });
    bench(`add, threads ${runtime.threads}`, () => runtime.binary({ kind: 'add', a: x, b: x, c: y, ...dense }), { time: 300 });
    bench(`sumColumns of [8192, 128], threads ${runtime.threads}`, () => runtime.sumColumns(x, y, 1, 8192, 128), { time: 300 });
    bench(`transpose [4, 256, 4, 256], threads ${runtime.threads}`, () => runtime.transpose(x, y, 4, 256, 4, 256), { time: 300 });
  }
});
