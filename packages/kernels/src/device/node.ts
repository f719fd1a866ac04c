import { DlaError } from '@dla/core';

interface WebGpuModule {
  readonly create: (options: string[]) => GPU;
}

// The objects of `create([])` must stay referenced: Dawn frees the instance under a living adapter otherwise.
let instance: GPU | undefined;

/**
 * WebGPU in Node, from the optional peer dependency `webgpu` (Dawn), imported at first use.
 *
 * @throws DlaError `device-missing` if the package is not installed or does not load on this system.
 */
export async function nodeGpu(): Promise<GPU> {
  if (instance !== undefined) return instance;
  // A name in a variable keeps bundlers from resolving a package that browsers never need.
  const name = 'webgpu';
  let loaded: WebGpuModule;
  try {
    loaded = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as WebGpuModule;
  } catch (cause) {
    const absent = cause instanceof Error && /Cannot find (package|module)|Failed to (load|resolve)/.test(cause.message);
    const problem = absent
      ? 'WebGPU in Node needs a package: npm install webgpu'
      : `the package webgpu does not load: ${String(cause).split('\n')[0]}`;
    throw new DlaError('device-missing', problem, { where: 'webgpu', cause });
  }
  refuseWithoutVulkan();
  instance = loaded.create([]);
  return instance;
}

/**
 * On Linux Dawn finds GPUs through the Vulkan loader alone, and prints a warning of several lines where there is none.
 * Asking the dynamic linker first gives one clear error instead. (What is opened is no addon, so opening it always throws.)
 */
function refuseWithoutVulkan(): void {
  if (process.platform !== 'linux') return;
  try {
    process.dlopen({ exports: {} }, 'libvulkan.so.1');
  } catch (error) {
    if (!String(error).includes('cannot open shared object file')) return;
    throw new DlaError('device-missing', 'no Vulkan loader (libvulkan.so.1) on this system; install it and a driver', {
      where: 'webgpu',
      cause: error,
    });
  }
}
