import { bufferUsage, mapRead } from './constants.js';
import subgroupCode from './self-test.subgroup.wgsl';
import workgroupCode from './self-test.workgroup.wgsl';

/** What the driver got right. */
export interface SelfTest {
  /** Workgroup barriers and zero-initialised workgroup memory. */
  readonly workgroupMemory: boolean;
  readonly subgroups: boolean;
  /** One line for each thing that is switched off. */
  readonly notices: readonly string[];
}

const done = new Map<string, SelfTest>();

/**
 * Run the driver's self-test once an adapter and page or process: some drivers lose barriers, do not zero workgroup
 * memory, or sum subgroups wrongly.
 *
 * @param key name of the adapter, for the cache; @param read for tests of this function: replaces a kernel's answer
 */
export async function selfTest(
  device: GPUDevice,
  key: string,
  read: (answer: Uint32Array, test: string) => Uint32Array = (answer) => answer,
): Promise<SelfTest> {
  const known = done.get(key);
  if (known !== undefined) return known;
  const notices: string[] = [];
  const [sum, zeroed] = read(await answerOf(device, workgroupCode), 'workgroup');
  const workgroupMemory = sum === 2080 && zeroed === 1;
  if (!workgroupMemory)
    notices.push(
      `${key}: kernels with workgroup memory are switched off: the driver's barrier test failed (expected 2080 and zeros, found ${sum}${zeroed === 1 ? '' : ' and garbage'})`,
    );
  let subgroups = false;
  if (device.features.has('subgroups')) {
    const [lanes] = read(await answerOf(device, subgroupCode), 'subgroup');
    subgroups = lanes === 64;
    if (!subgroups)
      notices.push(`${key}: kernels with subgroups are switched off: the driver's subgroup test failed (expected 64 lanes, found ${lanes})`);
  }
  const result = { workgroupMemory, subgroups, notices };
  done.set(key, result);
  return result;
}

/** Zeros where the kernel does not even compile or run. */
async function answerOf(device: GPUDevice, code: string): Promise<Uint32Array> {
  const bytes = 16;
  device.pushErrorScope('validation');
  const output = device.createBuffer({ size: bytes, usage: bufferUsage.storage | bufferUsage.copySource });
  const readback = device.createBuffer({ size: bytes, usage: bufferUsage.mapRead | bufferUsage.copyDestination });
  try {
    const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module: device.createShaderModule({ code }) } });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries: [{ binding: 0, resource: { buffer: output } }] }));
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(output, 0, readback, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await readback.mapAsync(mapRead);
    return new Uint32Array(readback.getMappedRange().slice(0));
  } catch {
    return new Uint32Array(bytes / 4);
  } finally {
    await device.popErrorScope().catch(() => null);
    output.destroy();
    readback.destroy();
  }
}
