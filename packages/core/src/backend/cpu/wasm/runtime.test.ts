import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createWasmRuntime } from './runtime.js';
import { workerSource } from './worker-source.js';

const mebibyte = 1 << 20;

describe('createWasmRuntime', () => {
  it('keeps views valid over growth of shared memory', async () => {
    const runtime = await createWasmRuntime({ threads: 1 });
    const view = runtime.view('f32', runtime.allocate(16), 4).fill(7);
    const before = runtime.memory.buffer.byteLength;
    const large = runtime.allocate(100 * mebibyte);
    expect(runtime.memory.buffer.byteLength).toBeGreaterThan(before);
    runtime.view('f32', large, 25 * mebibyte).fill(1);
    expect([...view]).toEqual([7, 7, 7, 7]);
    expect(runtime.generation).toBe(0);
    runtime.dispose();
  });

  it('works without shared memory: one thread, generation counts growth', async () => {
    const runtime = await createWasmRuntime({ threads: 4, shared: false });
    expect(runtime.threads).toBe(1);
    const [a, b, c] = [runtime.allocate(16), runtime.allocate(16), runtime.allocate(16)];
    runtime.view('f32', a, 4).set([1, 2, 3, 4]);
    runtime.view('f32', b, 4).set([5, 6, 7, 8]);
    const old = runtime.view('f32', a, 4);
    runtime.allocate(100 * mebibyte);
    expect(runtime.generation).toBe(1);
    expect(old.length).toBe(0);
    runtime.matmul({ a, b, c, batch: 1, m: 2, n: 2, k: 2, strideA: 0, strideB: 0, strideC: 0, transposeA: false, transposeB: false });
    expect([...runtime.view('f32', c, 4)]).toEqual([19, 22, 43, 50]);
    runtime.dispose();
  });

  it('says bytes asked, bytes live and the limit when memory runs out, and goes on working', async () => {
    const runtime = await createWasmRuntime({ threads: 1, maximumBytes: 64 * mebibyte });
    const pointer = runtime.allocate(mebibyte);
    expect(() => runtime.allocate(80 * mebibyte)).toThrow(
      'WasmRuntime: allocation failed; expected at most 67108864 bytes in all; found 83886080 bytes asked for, 1048576 bytes live',
    );
    runtime.free(pointer);
    expect(runtime.stats()).toEqual({ liveBytes: 0, peakBytes: mebibyte, allocations: 1 });
    runtime.free(runtime.allocate(40 * mebibyte));
    runtime.dispose();
  });

  it('returns to the same size over 200 rounds of allocations', async () => {
    const runtime = await createWasmRuntime({ threads: 1 });
    const sizes = [3 * mebibyte, 100, 70_000, 5 * mebibyte, 0, 64];
    const round = (): number => {
      for (const pointer of sizes.map((size) => runtime.allocate(size))) runtime.free(pointer);
      return runtime.memory.buffer.byteLength;
    };
    const size = round();
    for (let index = 0; index < 200; index++) expect(round()).toBe(size);
    expect(runtime.stats().liveBytes).toBe(0);
    runtime.dispose();
  });

  it('uses pointers above 2 GiB', async () => {
    const runtime = await createWasmRuntime({ threads: 1 });
    runtime.allocate(2 ** 31);
    const [a, b, c] = [runtime.allocate(4), runtime.allocate(4), runtime.allocate(4)];
    expect(a).toBeGreaterThan(2 ** 31);
    runtime.view('f32', a, 1)[0] = 3;
    runtime.view('f32', b, 1)[0] = 5;
    runtime.matmul({ a, b, c, batch: 1, m: 1, n: 1, k: 1, strideA: 0, strideB: 0, strideC: 0, transposeA: false, transposeB: true });
    expect(runtime.view('f32', c, 1)[0]).toBe(15);
    runtime.dispose();
  });

  it('refuses a bad number of threads, a bad size, a foreign pointer and use after dispose', async () => {
    await expect(createWasmRuntime({ threads: 0 })).rejects.toThrow('createWasmRuntime: bad number of threads');
    const runtime = await createWasmRuntime({ threads: 1 });
    expect(() => runtime.allocate(-1)).toThrow('WasmRuntime: bad allocation size');
    expect(() => runtime.free(12)).toThrow('WasmRuntime: not a live allocation');
    runtime.dispose();
    expect(() => runtime.allocate(1)).toThrow('WasmRuntime: the runtime was disposed');
  });

  it('lets a process with idle workers end by itself', () => {
    const program = `
      const { Worker } = require('node:worker_threads');
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
      const module = new WebAssembly.Module(Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0]));
      const worker = new Worker(${JSON.stringify(workerSource)}, { eval: true, workerData: { module, memory, scratch: 0 } });
      worker.once('message', () => { worker.unref(); console.log('ready'); });`;
    expect(execFileSync(process.execPath, ['-e', program], { timeout: 10_000, encoding: 'utf8' })).toBe('ready\n');
  });
});
