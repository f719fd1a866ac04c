import { expect, it } from 'vitest';
import { globals } from 'webgpu';
import { describeAdapter, listAdapters, requestAdapter } from './adapters.js';
import { bufferUsage, computeStage, mapRead } from './constants.js';
import { createWebGpuDevice } from './request.js';
import { selfTest } from './self-test.js';

type Flags = { readonly [name in 'GPUBufferUsage' | 'GPUMapMode' | 'GPUShaderStage']: { readonly [flag: string]: number } };

it('describes the adapter', async () => {
  const [first] = await listAdapters();
  expect(first?.name).not.toBe('');
  expect(first?.limits.maxBufferSize).toBeGreaterThanOrEqual(2 ** 28);
});

it('takes over the limits and features of the adapter', async () => {
  const adapter = await requestAdapter();
  const description = describeAdapter(adapter);
  const device = await createWebGpuDevice({ adapter });
  expect(device.capabilities.limits.maxStorageBufferBindingSize).toBe(description.limits.maxStorageBufferBindingSize);
  expect(device.capabilities.features.f16).toBe(description.features.f16);
  device.dispose();
  const plain = await createWebGpuDevice({ withoutFeatures: ['subgroups', 'timestamps'] });
  expect(plain.capabilities.features).toMatchObject({ subgroups: false, timestamps: false });
  expect(plain.capabilities.subgroupSize).toEqual({ min: 0, max: 0 });
  await expect(plain.profile(async () => undefined)).rejects.toMatchObject({ code: 'device-feature' });
  plain.dispose();
});

it('refuses an adapter without a required feature', async () => {
  await expect(createWebGpuDevice({ requireFeatures: ['subgroups'], withoutFeatures: ['subgroups'] })).rejects.toMatchObject({
    code: 'device-feature',
  });
});

it('the self-test passes here and catches wrong answers', async () => {
  const gpu = await (await requestAdapter()).requestDevice({ requiredFeatures: ['subgroups'] });
  expect(await selfTest(gpu, 'right')).toMatchObject({ workgroupMemory: true, subgroups: true, notices: [] });
  const wrong = await selfTest(gpu, 'lost barrier', (answer, test) => (test === 'workgroup' ? Uint32Array.of(3, 1) : answer));
  expect(wrong).toMatchObject({ workgroupMemory: false, subgroups: true });
  expect(wrong.notices).toHaveLength(1);
  expect(wrong.notices[0]).toContain('expected 2080 and zeros, found 3');
  const garbage = await selfTest(gpu, 'garbage', (answer, test) => (test === 'workgroup' ? Uint32Array.of(2080, 0) : answer));
  expect(garbage.notices[0]).toContain('garbage');
  const subgroups = await selfTest(gpu, 'subgroups', (answer, test) => (test === 'subgroup' ? Uint32Array.of(63) : answer));
  expect(subgroups).toMatchObject({ workgroupMemory: true, subgroups: false });
  gpu.destroy();
});

it('the flags are those of the specification', () => {
  const { GPUBufferUsage: usage, GPUMapMode: mode, GPUShaderStage: stage } = globals as unknown as Flags;
  expect(bufferUsage).toEqual({
    mapRead: usage.MAP_READ,
    copySource: usage.COPY_SRC,
    copyDestination: usage.COPY_DST,
    uniform: usage.UNIFORM,
    storage: usage.STORAGE,
    queryResolve: usage.QUERY_RESOLVE,
  });
  expect([mapRead, computeStage]).toEqual([mode.READ, stage.COMPUTE]);
});
