import { createCpuDevice } from '@dla/core';
import { createWebGpuDevice } from '@dla/kernels';
import { type ReferenceRunStep, runReference } from './reference-run.js';

/** The reference run in a page: on WebGPU, and its first steps on the page's CPU device. */
export interface PageRuns {
  readonly adapter: string;
  readonly webgpu: readonly ReferenceRunStep[];
  readonly cpu: readonly ReferenceRunStep[];
}

/**
 * Run in the page.
 *
 * @public
 */
export async function runPage(gpuSteps: number, cpuSteps: number): Promise<PageRuns> {
  const gpu = await createWebGpuDevice();
  const webgpu = await runReference(gpu, gpuSteps);
  const cpu = await createCpuDevice();
  const result = { adapter: gpu.adapter.name, webgpu, cpu: await runReference(cpu, cpuSteps) };
  gpu.dispose();
  cpu.dispose();
  return result;
}
