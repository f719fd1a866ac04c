import { expect, it } from 'vitest';
import { create, globals } from 'webgpu';
import { requireTestAdapter, testAdapter } from './adapter.js';

const shader = `
@group(0) @binding(0) var<storage, read> left: array<f32>;
@group(0) @binding(1) var<storage, read> right: array<f32>;
@group(0) @binding(2) var<storage, read_write> sum: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&sum)) { sum[id.x] = left[id.x] + right[id.x]; }
}`;

it('names the adapter that was asked for', async () => {
  const name = await requireTestAdapter();
  console.log(`test adapter (${testAdapter()}): ${name}`);
  expect(name).not.toBe('');
});

it('adds two arrays of 257 numbers on the adapter', async () => {
  const count = 257;
  const left = Float32Array.from({ length: count }, (_, index) => index * 0.5);
  const right = Float32Array.from({ length: count }, (_, index) => 1000 - index);
  const adapter = await create([]).requestAdapter();
  const device = await adapter!.requestDevice();
  const { GPUBufferUsage: usage, GPUMapMode: mode } = globals as typeof globalThis;
  const buffer = (flags: number): GPUBuffer => device.createBuffer({ size: count * 4, usage: flags });
  const buffers = [buffer(usage.STORAGE | usage.COPY_DST), buffer(usage.STORAGE | usage.COPY_DST), buffer(usage.STORAGE | usage.COPY_SRC)];
  const result = buffer(usage.MAP_READ | usage.COPY_DST);
  device.queue.writeBuffer(buffers[0]!, 0, left);
  device.queue.writeBuffer(buffers[1]!, 0, right);
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module: device.createShaderModule({ code: shader }) } });
  const entries = buffers.map((each, binding) => ({ binding, resource: { buffer: each } }));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(Math.ceil(count / 64));
  pass.end();
  encoder.copyBufferToBuffer(buffers[2]!, 0, result, 0, count * 4);
  device.queue.submit([encoder.finish()]);
  await result.mapAsync(mode.READ);
  const sums = new Float32Array(result.getMappedRange().slice(0));
  device.destroy();
  expect(Array.from(sums)).toEqual(Array.from(left, (value, index) => value + right[index]!));
});
