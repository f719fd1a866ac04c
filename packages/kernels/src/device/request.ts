import { DlaError } from '@dla/core';
import { createBackend, type WebGpuDevice } from '../runtime/backend.js';
import type { GpuCapabilities } from '../runtime/kernel.js';
import { describeAdapter, requestAdapter } from './adapters.js';
import { selfTest } from './self-test.js';

export type GpuFeature = 'f16' | 'subgroups' | 'timestamps';

export interface WebGpuDeviceOptions {
  /** Use this adapter instead of asking for one. An adapter gives one device only. */
  readonly adapter?: GPUAdapter;
  readonly powerPreference?: GPUPowerPreference;
  /** Refuse adapters without these. Default: none; every feature that is there is used. */
  readonly requireFeatures?: readonly GpuFeature[];
  /** Do as if the adapter did not have these. */
  readonly withoutFeatures?: readonly GpuFeature[];
  /** Plan kernels for a software adapter (true) or a GPU (false) instead of what the adapter says. For tests. */
  readonly software?: boolean;
  /** Most bytes to hold in buffers, used or pooled. Default: no bound but the adapter's. */
  readonly maxBytes?: number;
  /** Fill buffers with NaNs before use and check guard bands behind them at every read: slow, for tests. Default false. */
  readonly debug?: boolean;
  /** Told once of each feature that the driver's self-test switched off. Default: console.warn. */
  readonly onNotice?: (message: string) => void;
}

const featureNames: { readonly [feature in GpuFeature]: GPUFeatureName } = {
  f16: 'shader-f16',
  subgroups: 'subgroups',
  timestamps: 'timestamp-query',
};
const wantedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxUniformBufferBindingSize',
] as const;

/**
 * A WebGPU device that runs compiled functions: `navigator.gpu` in browsers, the optional package `webgpu` in Node.
 * It asks for the adapter's limits and for f16, subgroups and timestamps where it has them, and tests the driver once.
 *
 * @throws DlaError `device-missing` (no WebGPU, no adapter, package not installed), `device-feature` (a required feature is absent or failed its test).
 * @example
 * const device = await createWebGpuDevice();
 * const step = compile((a, b) => matmul(a, b), { device });
 */
export async function createWebGpuDevice(options: WebGpuDeviceOptions = {}): Promise<WebGpuDevice> {
  const adapter = options.adapter ?? (await requestAdapter(options.powerPreference));
  const description = describeAdapter(adapter);
  const without = new Set(options.withoutFeatures ?? []);
  const wanted = (Object.keys(featureNames) as GpuFeature[]).filter((feature) => description.features[feature] && !without.has(feature));
  requireFeatures(description.name, options.requireFeatures ?? [], new Set(wanted));
  let gpu: GPUDevice;
  try {
    gpu = await adapter.requestDevice({
      requiredFeatures: wanted.map((feature) => featureNames[feature]),
      requiredLimits: Object.fromEntries(wantedLimits.map((limit) => [limit, adapter.limits[limit]])),
    });
  } catch (cause) {
    throw new DlaError('device-missing', `the adapter gives no device: ${String(cause).split('\n')[0]}`, { where: description.name, cause });
  }
  const test = await selfTest(gpu, `${description.name}${wanted.includes('subgroups') ? '' : ' without subgroups'}`);
  const notify = options.onNotice ?? ((message: string): void => console.warn(message));
  for (const notice of test.notices) notify(notice);
  const { limits } = gpu;
  const capabilities: GpuCapabilities = {
    limits: {
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
    },
    features: { f16: wanted.includes('f16'), subgroups: test.subgroups, timestamps: wanted.includes('timestamps') },
    subgroupSize: test.subgroups ? description.subgroupSize : { min: 0, max: 0 },
    // Where barriers do not work, the forms for software adapters (which use none) give right results.
    software: options.software ?? (description.software || !test.workgroupMemory),
  };
  requireFeatures(description.name, options.requireFeatures ?? [], new Set(wanted.filter((feature) => capabilities.features[feature])));
  return createBackend({
    gpu,
    adapter,
    description,
    capabilities,
    notices: test.notices,
    maxBytes: options.maxBytes ?? Number.POSITIVE_INFINITY,
    debug: options.debug === true,
  });
}

function requireFeatures(where: string, required: readonly GpuFeature[], present: ReadonlySet<GpuFeature>): void {
  const absent = required.filter((feature) => !present.has(feature));
  if (absent.length > 0)
    throw new DlaError('device-feature', 'the adapter lacks required features', {
      where,
      expected: required.join(', '),
      found: `no ${absent.join(', no ')}`,
    });
}
