import { describe, expect, it } from 'vitest';
import { compile } from '../../graph/compile.js';
import { upload } from '../../graph/evaluate.js';
import { add } from '../../ops/binary/op.js';
import { type Tensor, tensor } from '../../tensor.js';
import { createCpuDevice } from './cpu-device.js';

const MIB = 2 ** 20;

describe('CPU device that is short of memory', () => {
  it('gives up pooled buffers of other sizes first', async () => {
    const device = await createCpuDevice({ threads: 1, maximumBytes: 64 * MIB });
    for (const size of [20, 24, 28]) device.release(device.allocate(size * MIB));
    expect(device.stats()).toMatchObject({ liveBytes: 0, heldBytes: 28 * MIB });
    const kept = device.allocate(20 * MIB);
    device.release(device.allocate(24 * MIB));
    expect(() => device.allocate(40 * MIB)).toThrow('allocation failed');
    expect(device.stats()).toMatchObject({ liveBytes: 20 * MIB, heldBytes: 20 * MIB });
    device.release(kept);
    expect(device.stats().liveBytes).toBe(0);
    device.dispose();
  });

  it('loses nothing where a program finds no memory, and goes on', async () => {
    const device = await createCpuDevice({ threads: 1, maximumBytes: 32 * MIB });
    const run = compile((x: Tensor) => [add(x, 1), add(x, 2), add(x, 3)], { device, donate: [0] });
    const wide = new Float32Array(1.5 * MIB);
    await expect(run(upload(tensor(wide), device))).rejects.toMatchObject({ code: 'out-of-memory' });
    const [one, ...others] = await run(tensor([1]));
    expect(await (one as Tensor).item()).toBe(2);
    for (const value of [one as Tensor, ...others]) value.dispose();
    run.dispose();
    expect(device.stats().liveBytes).toBe(0);
    device.dispose();
  });
});
