import type { Device } from './backend.js';
import { createCpuDevice } from './cpu/cpu-device.js';

let shared: Promise<Device> | undefined;

/** The CPU device that lazy tensors are computed on when no other is named; made at first use. */
export function defaultDevice(): Promise<Device> {
  shared ??= createCpuDevice();
  return shared;
}
