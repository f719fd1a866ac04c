import { createCpuDevice, type Device, isDlaError } from '@dla/core';
import { createWebGpuDevice } from '@dla/kernels';

export type DeviceChoice = 'auto' | 'cpu' | 'webgpu';

export interface ChosenDevice {
  readonly device: Device;
  /** Why this one, in words, for the first line of a run. */
  readonly reason: string;
}

/**
 * Open the device a user asked for. `auto` takes a hardware GPU if there is one, else the CPU, and says which and why;
 * `webgpu` takes any adapter, a software one too, and fails where there is none.
 */
export async function openDevice(choice: DeviceChoice, threads?: number): Promise<ChosenDevice> {
  const cpu = async (reason: string): Promise<ChosenDevice> => ({ device: await createCpuDevice(threads === undefined ? {} : { threads }), reason });
  if (choice === 'cpu') return cpu('asked for');
  try {
    const device = await createWebGpuDevice();
    if (choice === 'webgpu') return { device, reason: 'asked for' };
    if (!device.capabilities.software) return { device, reason: 'a GPU was found' };
    device.dispose();
    return cpu('the only WebGPU adapter is a software one, and the CPU backend is faster');
  } catch (error) {
    if (choice === 'webgpu' || !isDlaError(error)) throw error;
    return cpu(`no GPU: ${error.message}`);
  }
}
