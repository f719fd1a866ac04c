import { DlaError } from '@dla/core';
import { browserGpu, isNode } from './browser.js';
import { nodeGpu } from './node.js';

/** What `doctor` shows of an adapter. */
export interface AdapterDescription {
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  /** Runs on the CPU: SwiftShader, lavapipe, WARP. */
  readonly software: boolean;
  readonly features: { readonly f16: boolean; readonly subgroups: boolean; readonly timestamps: boolean };
  readonly subgroupSize: { readonly min: number; readonly max: number };
  readonly limits: {
    readonly maxBufferSize: number;
    readonly maxStorageBufferBindingSize: number;
    readonly maxStorageBuffersPerShaderStage: number;
    readonly maxComputeInvocationsPerWorkgroup: number;
    readonly maxComputeWorkgroupStorageSize: number;
    readonly maxComputeWorkgroupsPerDimension: number;
  };
}

/**
 * The WebGPU entry point of this runtime: `navigator.gpu`, else in Node the package `webgpu`.
 *
 * @throws DlaError `device-missing` where there is none.
 */
export async function findGpu(): Promise<GPU> {
  const own = browserGpu();
  if (own !== null) return own;
  if (isNode()) return nodeGpu();
  throw new DlaError('device-missing', 'this browser has no WebGPU (or the page is not served over HTTPS or from localhost)', { where: 'webgpu' });
}

/**
 * One adapter.
 *
 * @throws DlaError `device-missing` if the runtime offers none.
 */
export async function requestAdapter(powerPreference?: GPUPowerPreference): Promise<GPUAdapter> {
  const gpu = await findGpu();
  const adapter = await gpu.requestAdapter(powerPreference === undefined ? {} : { powerPreference });
  if (adapter === null)
    throw new DlaError('device-missing', 'WebGPU is there but offers no adapter: no GPU, or its driver is missing or blocked', { where: 'webgpu' });
  return adapter;
}

const softwareNames = /swiftshader|llvmpipe|lavapipe|warp|basic render|software/i;

/** Name, limits and features of an adapter. */
export function describeAdapter(adapter: GPUAdapter): AdapterDescription {
  const { info, limits, features } = adapter;
  const parts = [info.vendor, info.architecture, info.device, info.description].filter((part) => part !== '');
  const name = [...new Set(parts)].join(' ') || 'unnamed adapter';
  return {
    name,
    vendor: info.vendor,
    architecture: info.architecture,
    software: info.isFallbackAdapter === true || softwareNames.test(name),
    features: { f16: features.has('shader-f16'), subgroups: features.has('subgroups'), timestamps: features.has('timestamp-query') },
    subgroupSize: { min: info.subgroupMinSize ?? 0, max: info.subgroupMaxSize ?? 0 },
    limits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    },
  };
}

/** The distinct adapters of this runtime (by power preference; WebGPU has no full list). Empty where there is no WebGPU. */
export async function listAdapters(): Promise<AdapterDescription[]> {
  const found = new Map<string, AdapterDescription>();
  for (const preference of ['high-performance', 'low-power'] as const) {
    try {
      const description = describeAdapter(await requestAdapter(preference));
      found.set(description.name, description);
    } catch (error) {
      if (!(error instanceof DlaError) || error.code !== 'device-missing') throw error;
    }
  }
  return [...found.values()];
}
