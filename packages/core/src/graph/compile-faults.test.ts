import { describe, expect, it } from 'vitest';
import { createCpuDevice } from '../backend/cpu/cpu-device.js';
import { add, div, mul } from '../ops/binary/op.js';
import { gather } from '../ops/gather/op.js';
import { exp } from '../ops/unary/op.js';
import { type Tensor, tensor } from '../tensor.js';
import { compile } from './compile.js';
import { evaluate, upload } from './evaluate.js';

async function values(x: Tensor): Promise<number[]> {
  return [...(await x.data())];
}

describe('compile, where something goes wrong', () => {
  it('gives host values back where a later argument is refused', async () => {
    const device = await createCpuDevice({ threads: 1 });
    const run = compile((x: Tensor, y: Tensor) => add(x, y), { device, donate: [0] });
    (await run(tensor([1]), tensor([2]))).dispose();
    const gone = upload(tensor([1]), device);
    gone.dispose();
    const before = device.stats().liveBytes;
    const x = tensor([1]);
    await expect(run(x, gone)).rejects.toThrow('disposed');
    expect(device.stats().liveBytes).toBe(before);
    expect(await values(x)).toEqual([1]);
  });

  it('loses no memory where a kernel throws', async () => {
    const device = await createCpuDevice({ threads: 1 });
    const run = compile((table: Tensor, rows: Tensor) => [add(table, 1), gather(table, rows)], { device, donate: [0] });
    for (const out of await run(tensor([[1], [2]]), tensor([0], { dtype: 'i32' }))) out.dispose();
    const before = device.stats().liveBytes;
    await expect(run(upload(tensor([[1], [2]]), device), tensor([7], { dtype: 'i32' }))).rejects.toThrow('gather: index out of range');
    expect(device.stats().liveBytes).toBe(before);
  });

  it('refuses a captured tensor that was disposed or is donated', async () => {
    const device = await createCpuDevice({ threads: 1 });
    const captured = upload(tensor([1, 2]), device);
    const run = compile((x: Tensor) => mul(x, captured), { device, donate: [0], name: 'scale' });
    expect(await values(await run(tensor([3, 3])))).toEqual([3, 6]);
    await expect(run(captured)).rejects.toThrow('scale: a donated tensor was passed twice');
    expect(await values(captured)).toEqual([1, 2]);
    captured.dispose();
    upload(tensor([50, 50]), device);
    await expect(run(tensor([3, 3]))).rejects.toThrow('scale: a tensor that the function closed over was disposed');
  });

  it('refuses a call that is overtaken by dispose, and keeps its arguments', async () => {
    const device = await createCpuDevice({ threads: 1 });
    const run = compile((x: Tensor) => exp(add(x, 1)), { device, donate: [0], name: 'late' });
    const first = run(upload(tensor([0]), device));
    run.dispose();
    await expect(first).rejects.toThrow('late: the compiled function was disposed');
    (await run(tensor([0]))).dispose();
    const x = upload(tensor([0]), device);
    const second = run(x);
    run.dispose();
    await expect(second).rejects.toThrow('late: the compiled function was disposed');
    expect(await values(x)).toEqual([0]);
  });

  it('tells plain values apart', async () => {
    const device = await createCpuDevice({ threads: 1 });
    const pick = compile((a: string, b: string, x: Tensor) => mul(x, a.length * 100 + b.length), { device });
    const x = tensor([1]);
    expect(await values(await pick('a', 'b 1:string=c', x))).toEqual([112]);
    expect(await values(await pick('a 1:string=b', 'c', x))).toEqual([1201]);
    const sign = compile((zero: number) => div(1, mul(tensor([1]), zero)), { device });
    expect(await values(await sign(0))).toEqual([Infinity]);
    expect(await values(await sign(-0))).toEqual([-Infinity]);
  });

  it('refuses arguments that a signature cannot tell apart', async () => {
    const device = await createCpuDevice({ threads: 1 });
    const run = compile((fn: (x: Tensor) => Tensor, x: Tensor) => fn(x), { device, name: 'apply' });
    await expect(run((x) => add(x, 1), tensor([1]))).rejects.toThrow('apply: an argument is no tensor and no plain value');
  });

  it('computes a lazy tensor that is asked for twice at once without losing memory', async () => {
    const device = await createCpuDevice({ threads: 1 });
    const x = exp(tensor([0]));
    await Promise.all([evaluate([x, x], device), evaluate([x], device)]);
    expect(await values(x)).toEqual([1]);
    x.dispose();
    expect(device.stats().liveBytes).toBe(0);
  });
});
