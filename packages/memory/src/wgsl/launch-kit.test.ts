import type { TensorSpec } from '@dla/core';
import type { GpuCapabilities, GpuKernel } from '@dla/kernels';
import { describe, expect, it } from 'vitest';
import { multiStateKernel } from '../ops/multi-state/launch.js';
import { multiStateGradKernel } from '../ops/multi-state-grad/launch.js';
import { multiStateRecurrentKernel } from '../ops/multi-state-recurrent/launch.js';
import { recurrentStateSpecs } from '../ops/multi-state-recurrent/state.js';
import { multiStateRecurrentGradKernel } from '../ops/multi-state-recurrent-grad/launch.js';
import { segmentKernel } from '../ops/segment/launch.js';
import { type SegmentAttributes, segmentStateSpecs } from '../ops/segment/state.js';
import { cover, fold } from './launch-kit.js';

/** So many heads that every launch needs a second workgroup, on a device that allows one in a dimension. */
const sizes = { batch: 13, groups: 1, heads: 5, keyWidth: 4, valueWidth: 4 };
const capabilities: GpuCapabilities = {
  limits: {
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupSizeX: 256,
    maxComputeWorkgroupsPerDimension: 1,
    maxComputeWorkgroupStorageSize: 16384,
    maxStorageBufferBindingSize: 2 ** 27,
    maxStorageBuffersPerShaderStage: 8,
  },
  features: { f16: false, subgroups: false, timestamps: false },
  subgroupSize: { min: 0, max: 0 },
  software: true,
};

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: 'f32' });
const operands = [f32(13, 2, 1, 4), f32(13, 2, 1, 4), f32(13, 2, 5, 4), f32(13, 2, 5), f32(13, 2, 5, 3), f32(13, 2, 5), f32(13, 2, 5)];
const state = recurrentStateSpecs(sizes, 3);
const multiState = { slots: 'age', backbone: 'mamba2' } as const;
const dla: SegmentAttributes = { policy: 'dla', capacity: 3, tau: 0.6, merge: 'density', blockLength: 4 };
const fixed: SegmentAttributes = { ...dla, policy: 'fixed' };
const written = f32(13, 2, 5, 4);

/** Every launch of a kernel folds, and its code reads the second dimension. */
function expectFolded<A>(kernel: GpuKernel<A>, inputs: readonly TensorSpec[], attributes: A): void {
  const { launches } = kernel({ inputs, outputs: [], attributes, capabilities });
  expect(launches.length).toBeGreaterThan(0);
  for (const { label, code, workgroups } of launches) {
    expect(workgroups[0], label).toBe(1);
    expect(workgroups[1], label).toBeGreaterThan(1);
    expect(code, label).toContain('num_workgroups');
  }
}

describe('launches past the limit of one dimension', () => {
  it('fold covers every workgroup', () => {
    for (const [count, limit] of [
      [0, 8],
      [8, 8],
      [9, 8],
      [1000, 7],
    ] as const) {
      const [x, y, z] = fold(count, limit);
      expect(x).toBeLessThanOrEqual(limit);
      expect(x * y * z).toBeGreaterThanOrEqual(Math.max(1, count));
    }
    expect(cover(65, 8)).toEqual([2, 1, 1]);
  });

  it('every kernel finds its work in two dimensions', () => {
    const segmentInputs = (attributes: SegmentAttributes): TensorSpec[] => [...operands.slice(1, 4), ...segmentStateSpecs(attributes, sizes)];
    expectFolded(multiStateKernel, operands, multiState);
    expectFolded(multiStateGradKernel, [written, ...operands], multiState);
    expectFolded(multiStateRecurrentKernel, [...state, ...operands], multiState);
    expectFolded(multiStateRecurrentGradKernel, [written, ...state, ...operands], multiState);
    expectFolded(segmentKernel, segmentInputs(dla), dla);
    expectFolded(segmentKernel, segmentInputs(fixed), fixed);
  });
});
