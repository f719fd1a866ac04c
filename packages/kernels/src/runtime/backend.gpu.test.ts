import {
  adamwOp,
  add,
  compile,
  createCpuDevice,
  DlaError,
  defineOp,
  evaluate,
  gradients,
  matmul,
  mean,
  mul,
  ones,
  slice,
  square,
  sub,
  sum,
  Tensor,
  tensor,
  transpose,
  upload,
} from '@dla/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWebGpuDevice } from '../device/request.js';
import type { WebGpuDevice } from './backend.js';
import { webgpuForm } from './kernel.js';

let device: WebGpuDevice;

beforeAll(async () => {
  device = await createWebGpuDevice();
});

afterAll(() => device.dispose());

const numbers = (count: number, scale = 1): Float32Array =>
  Float32Array.from({ length: count }, (_, index) => ((index * 37) % 101) * 0.01 * scale - 0.5 * scale);
const counters = ({ createdBuffers, createdPipelines, createdBindGroups }: ReturnType<WebGpuDevice['stats']>): number[] => [
  createdBuffers,
  createdPipelines,
  createdBindGroups,
];

/** A least-squares step with AdamW in place: donated parameters and moments, data and controls from the host. */
function leastSquaresStep(target: WebGpuDevice) {
  return compile(
    (state: readonly Tensor[], x: Tensor, y: Tensor, controls: Tensor) => {
      const [weight, m, v] = state as readonly [Tensor, Tensor, Tensor];
      const loss = mean(square(sub(matmul(x, weight), y)));
      const [gradient] = gradients(loss, [weight]) as unknown as readonly [Tensor];
      return { loss, state: adamwOp([weight, m, v, gradient, controls], { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.01 }) };
    },
    { device: target, donate: [0], name: 'step' },
  );
}

it('a steady step creates no buffer, pipeline or bind group, and memory stays flat over 1,000 steps', async () => {
  const step = leastSquaresStep(device);
  const before = device.stats().liveBytes;
  let state: readonly Tensor[] = [
    tensor(numbers(12), { shape: [4, 3] }),
    tensor(new Float32Array(12), { shape: [4, 3] }),
    tensor(new Float32Array(12), { shape: [4, 3] }),
  ];
  const losses: number[] = [];
  let steady: number[] = [];
  let live = 0;
  for (let number = 1; number <= 1000; number++) {
    const controls = Float32Array.of(0.02, 1 / (1 - 0.9 ** number), 1 / (1 - 0.95 ** number), 1, 0, 0, 0, 0);
    const result = await step(state, tensor(numbers(20, 2), { shape: [5, 4] }), tensor(numbers(15), { shape: [5, 3] }), tensor(controls));
    state = result.state;
    // Read some, so that the queue does not grow without bound.
    if (number % 10 === 0) losses.push(await result.loss.item());
    result.loss.dispose();
    if (number === 20) {
      steady = counters(device.stats());
      ({ liveBytes: live } = device.stats());
    }
  }
  expect(counters(device.stats())).toEqual(steady);
  expect(device.stats().liveBytes).toBe(live);
  expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 2);
  for (const value of state) value.dispose();
  step.dispose();
  expect(device.stats().liveBytes).toBe(before);
});

it('the losses equal those of the CPU', async () => {
  const cpu = await createCpuDevice({ threads: 1 });
  const run = async (step: ReturnType<typeof leastSquaresStep>): Promise<number[]> => {
    let state: readonly Tensor[] = [
      tensor(numbers(12), { shape: [4, 3] }),
      tensor(new Float32Array(12), { shape: [4, 3] }),
      tensor(new Float32Array(12), { shape: [4, 3] }),
    ];
    const losses: number[] = [];
    for (let number = 1; number <= 20; number++) {
      const controls = Float32Array.of(0.02, 1 / (1 - 0.9 ** number), 1 / (1 - 0.95 ** number), 1, 0, 0, 0, 0);
      const result = await step(state, tensor(numbers(20, 2), { shape: [5, 4] }), tensor(numbers(15), { shape: [5, 3] }), tensor(controls));
      state = result.state;
      losses.push(await result.loss.item());
    }
    return losses;
  };
  const expected = await run(leastSquaresStep(cpu as unknown as WebGpuDevice));
  const found = await run(leastSquaresStep(device));
  found.forEach((loss, index) => {
    expect(Math.abs(loss - (expected[index] as number))).toBeLessThan(1e-5);
  });
  cpu.dispose();
});

it('the same buffer may stand for two inputs', async () => {
  const run = compile((a: Tensor, b: Tensor) => add(mul(a, b), a), { device });
  const x = upload(tensor([1, 2, 3]), device);
  expect(Array.from(await (await run(x, x)).data())).toEqual([2, 6, 12]);
  x.dispose();
  run.dispose();
});

it('folds more than 65,535 workgroups over two dimensions', async () => {
  const count = 65_535 * 64 + 77;
  const total = sum(slice(ones([count]), [5], [count]));
  await evaluate([total], device);
  expect(await total.item()).toBe(count - 5);
  total.dispose();
});

it('names the forms that run', async () => {
  const run = compile((a: Tensor) => matmul(a, transpose(a)), { device });
  (await run(tensor(numbers(6), { shape: [2, 3] }))).dispose();
  expect(run.summary()[0]?.forms).toEqual([
    { op: 'transpose', form: 'parallel' },
    { op: 'matmul', form: expect.stringMatching(/registers|quads|tiled/) },
  ]);
  run.dispose();
});

const double = (code: string, uniforms = true) =>
  defineOp<Record<string, never>>({
    name: 'double',
    infer: (inputs) => inputs.map(({ shape, dtype }) => ({ shape, dtype })),
    reference: () => undefined,
    gradient: null,
    forms: webgpuForm(({ inputs }) => ({
      form: 'test',
      launches: [
        {
          label: 'double',
          code,
          entryPoint: 'main',
          bindings: [
            { source: { kind: 'input', index: 0 }, access: 'read' },
            { source: { kind: 'output', index: 0 }, access: 'read_write' },
          ],
          ...(uniforms ? { uniforms: [{ type: 'u32', value: (inputs[0] as { shape: readonly number[] }).shape[0] as number }] } : {}),
          workgroups: [1, 1, 1],
        },
      ],
    })),
  });

const doubling = (bound: string): string => `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> size: vec4u;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < ${bound}) { y[id.x] = 2.0 * x[id.x]; }
}`;

it('an op defined elsewhere brings its own kernel', async () => {
  const run = compile((x: Tensor) => double(doubling('size.x'))([x], {})[0] as Tensor, { device });
  expect(Array.from(await (await run(tensor([1, 2, 3]))).data())).toEqual([2, 4, 6]);
  run.dispose();
});

it('debug mode finds a kernel that writes behind its output', async () => {
  const checked = await createWebGpuDevice({ debug: true });
  const run = compile((x: Tensor) => double(doubling('size.x + 1u'))([x], {})[0] as Tensor, { device: checked });
  const result = await run(tensor([1, 2, 3]));
  await expect(result.data()).rejects.toThrow(/wrote behind buffer \d+ \(12 bytes\), 0 bytes past its end/);
  checked.dispose();
});

it('debug mode shows an output that no kernel writes', async () => {
  const checked = await createWebGpuDevice({ debug: true });
  const run = compile((x: Tensor) => double(doubling('size.x - 1u'))([x], {})[0] as Tensor, { device: checked });
  expect(Array.from(await (await run(tensor([1, 2, 3]))).data())).toEqual([2, 4, Number.NaN]);
  checked.dispose();
});

it('an op without a kernel is named', async () => {
  const lonely = defineOp<Record<string, never>>({ name: 'lonely', infer: (inputs) => inputs, reference: () => undefined, gradient: null });
  const run = compile((x: Tensor) => lonely([x], {})[0] as Tensor, { device });
  await expect(run(tensor([1]))).rejects.toMatchObject({ code: 'device-feature', message: expect.stringMatching(/^lonely: no WebGPU kernel/) });
});

it('a kernel that does not compile is shown with its line', async () => {
  const run = compile((x: Tensor) => double('@compute @workgroup_size(1) fn main() {\n  let y = nothing;\n}', false)([x], {})[0] as Tensor, {
    device,
  });
  await expect(run(tensor([1]))).rejects.toMatchObject({ code: 'argument', message: expect.stringMatching(/^double: .*line 2: let y = nothing;/) });
});

it('memory: limits, the bound of maxBytes, and a driver that gives none', async () => {
  const limit = device.gpu.limits.maxBufferSize;
  expect(() => device.allocate(limit + 4)).toThrow(
    expect.objectContaining({ code: 'device-limit', message: expect.stringContaining('maxBufferSize') }),
  );
  const small = await createWebGpuDevice({ maxBytes: 4096 });
  const held = small.allocate(2048);
  expect(() => small.allocate(4000)).toThrow(
    expect.objectContaining({ code: 'out-of-memory', message: expect.stringMatching(/4000 bytes \(2048 bytes in use/) }),
  );
  small.release(held);
  small.release(small.allocate(4000));
  expect(small.stats().liveBytes).toBe(0);
  small.dispose();
});

it('a failing createBuffer leaves nothing behind, and a smaller run works afterwards', async () => {
  const failing = await createWebGpuDevice();
  const create = failing.gpu.createBuffer.bind(failing.gpu);
  for (let failAt = 1; failAt <= 4; failAt++) {
    let count = 0;
    failing.gpu.createBuffer = (descriptor) => {
      if (++count >= failAt) throw new RangeError('no memory');
      return create(descriptor);
    };
    const size = 1000 * failAt;
    const run = compile((x: Tensor) => matmul(square(x), add(x, 1), { transposeB: true }), { device: failing });
    await expect(run(tensor(new Float32Array(size), { shape: [size / 100, 100] }))).rejects.toMatchObject({ code: 'out-of-memory' });
    failing.gpu.createBuffer = create;
    run.dispose();
    expect(failing.stats().liveBytes).toBe(0);
  }
  const run = compile((x: Tensor) => add(x, 1), { device: failing });
  expect(Array.from(await (await run(tensor([1]))).data())).toEqual([2]);
  failing.dispose();
});

it('a buffer that turns out broken after its release is not used again', async () => {
  const failing = await createWebGpuDevice();
  const create = failing.gpu.createBuffer.bind(failing.gpu);
  failing.gpu.createBuffer = (descriptor) => create({ ...descriptor, usage: 3 });
  const broken = failing.allocate(1 << 16);
  failing.release(broken);
  failing.gpu.createBuffer = create;
  await expect(failing.synchronize()).rejects.toMatchObject({ code: 'out-of-memory' });
  expect(failing.allocate(1 << 16).id).not.toBe(broken.id);
  failing.dispose();
});

it('an error that the driver reports late is thrown at the next use, once', async () => {
  device.gpu.createBuffer({ size: 4, usage: 3 });
  const use = async (): Promise<unknown> => upload(tensor([1]), device).data();
  await expect(use()).rejects.toThrow(/the driver reported an error/);
  const x = upload(tensor([1]), device);
  expect(Array.from(await x.data())).toEqual([1]);
  x.dispose();
});

it('a lost device says so everywhere', async () => {
  const lost = await createWebGpuDevice();
  const x = upload(tensor([1, 2]), lost);
  const run = compile((value: Tensor) => add(value, 1), { device: lost });
  (await run(x)).dispose();
  lost.gpu.destroy();
  await expect(x.data()).rejects.toMatchObject({ code: 'device-lost' });
  expect(lost.lost).toBe(true);
  await expect(lost.synchronize()).rejects.toMatchObject({ code: 'device-lost' });
  await expect(run(x)).rejects.toMatchObject({ code: 'device-lost' });
  expect(() => lost.allocate(4)).toThrow(expect.objectContaining({ code: 'device-lost' }));
  lost.dispose();
  const again = await createWebGpuDevice();
  const y = upload(tensor([3]), again);
  expect(Array.from(await y.data())).toEqual([3]);
  again.dispose();
});

it('a read that is under way when the device is lost is rejected', async () => {
  const lost = await createWebGpuDevice();
  const reading = upload(tensor([1, 2]), lost).data();
  lost.gpu.destroy();
  await expect(reading).rejects.toMatchObject({ code: 'device-lost' });
});

it('times every launch', async () => {
  const run = compile((x: Tensor) => add(square(x), 1), { device });
  (await run(tensor(numbers(100)))).dispose();
  const { launches } = await device.profile(async () => (await run(tensor(numbers(100)))).dispose());
  expect(launches.map(({ label }) => label)).toEqual(['square', 'add']);
  for (const { ns } of launches) expect(ns).toBeGreaterThanOrEqual(0);
  run.dispose();
});

it('values with an odd number of 16-bit elements go there and back', async () => {
  const half = new Tensor([3], 'f16', { kind: 'host', data: Uint16Array.of(1, 2, 3) });
  const there = upload(half, device);
  expect(Array.from(await there.data())).toEqual([1, 2, 3]);
  there.dispose();
});

it('a disposed device is an error of its own', async () => {
  const gone = await createWebGpuDevice();
  gone.dispose();
  expect(() => gone.allocate(4)).toThrow(DlaError);
  expect(() => gone.allocate(4)).toThrow(/disposed/);
});
