import type { TensorSpec } from '@dla/core';
import type { BindingSource, GpuKernel, KernelPlan, KernelRequest, Launch } from '@dla/kernels';
import { cover, input, output, reads, scratch, writes } from '../../wgsl/launch-kit.js';
import { type MultiStateCall, multiStateCall } from './call.js';
import type { MultiStateAttributes } from './contract.js';
import lanesFillWgsl from './multi-state.lanes.fwd.wgsl';
import lanesWgsl from './multi-state.lanes.wgsl';
import parallelWgsl from './multi-state.parallel.fwd.wgsl';
import sizesWgsl from './multi-state.sizes.wgsl';

/** WGSL that goes before every parallel kernel. */
export const parallelShared: string = sizesWgsl + lanesWgsl;

/** What the parallel kernels of both directions share. */
export interface ParallelLaunches extends MultiStateCall {
  /** Fills `lanes`. */
  readonly prepare: Launch;
  readonly lanesBytes: number;
}

/** `first` is the index of q among the inputs. */
export function parallelLaunches(
  inputs: readonly TensorSpec[],
  attributes: MultiStateAttributes,
  first: number,
  lanes: BindingSource,
  limit: number,
): ParallelLaunches {
  const call = multiStateCall(inputs, attributes, first);
  const { batch, time, heads } = call.sizes;
  return {
    ...call,
    lanesBytes: batch * heads * time * 16,
    prepare: {
      label: 'multi-state.lanes',
      code: parallelShared + lanesFillWgsl,
      entryPoint: 'main',
      bindings: [...reads(call.decay, call.opened, call.event), ...writes(lanes)],
      uniforms: call.uniforms,
      workgroups: cover(batch * heads, limit),
    },
  };
}

/** WGSL form of `multi-state`: time quadratic in T, memory linear. */
export const multiStateKernel: GpuKernel<MultiStateAttributes> = ({
  inputs,
  attributes,
  capabilities,
}: KernelRequest<MultiStateAttributes>): KernelPlan => {
  const limit = capabilities.limits.maxComputeWorkgroupsPerDimension;
  const lanes = scratch(0);
  const { sizes, uniforms, lambda, prepare, lanesBytes } = parallelLaunches(inputs, attributes, 0, lanes, limit);
  const { batch, time, heads, valueWidth } = sizes;
  return {
    form: 'parallel',
    scratch: [lanesBytes],
    launches: [
      prepare,
      {
        label: 'multi-state.parallel',
        code: parallelShared + parallelWgsl,
        entryPoint: 'main',
        bindings: [...reads(input(0), input(1), input(2), lambda, lanes), ...writes(output(0))],
        uniforms,
        workgroups: cover(batch * heads * time * Math.ceil(valueWidth / 16), limit),
      },
    ],
  };
};
