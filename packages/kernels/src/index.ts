export { type AdapterDescription, describeAdapter, listAdapters } from './device/adapters.js';
export { createWebGpuDevice, type GpuFeature, type WebGpuDeviceOptions } from './device/request.js';
export { coreKernels } from './ops/index.js';
export type { WebGpuDevice } from './runtime/backend.js';
export * from './runtime/kernel.js';
export type { LaunchTiming } from './runtime/timing.js';
