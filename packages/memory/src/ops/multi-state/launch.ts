import type { TensorSpec } from '@dla/core';
import type { Binding, BindingSource, GpuKernel, KernelPlan, KernelRequest, Launch } from '@dla/kernels';
import { cover, input, output, reads, scratch, shapeOf, words, writes } from '../../wgsl/launch-kit.js';
import type { MultiStateAttributes } from './contract.js';
import lanesWgsl from './multi-state.lanes.fwd.wgsl';
import sharedWgsl from './multi-state.lanes.wgsl';
import parallelWgsl from './multi-state.parallel.fwd.wgsl';

const kinds = { single: 0, age: 1, fenwick: 2 } as const;

/** What the kernels of both directions share: sizes, uniforms, the per-token rows. `first` is the index of q among the inputs. */
export interface MultiStateLaunches {
  readonly sizes: {
    readonly batch: number;
    readonly time: number;
    readonly groups: number;
    readonly heads: number;
    readonly keyWidth: number;
    readonly valueWidth: number;
    readonly slots: number;
  };
  readonly hasLambda: boolean;
  readonly uniforms: NonNullable<Launch['uniforms']>;
  /** lambda, or any bound buffer where there is none. */
  readonly lambda: BindingSource;
  /** Fills `lanes`. */
  readonly prepare: Launch;
  readonly lanesBytes: number;
  /** WGSL that goes before every kernel. */
  readonly shared: string;
}

export function multiStateLaunches(
  inputs: readonly TensorSpec[],
  attributes: MultiStateAttributes,
  first: number,
  lanes: BindingSource,
  limit: number,
): MultiStateLaunches {
  const [batch, time, groups, keyWidth] = shapeOf(inputs[first + 1]) as [number, number, number, number];
  const [, , heads, valueWidth] = shapeOf(inputs[first + 2]) as [number, number, number, number];
  const hasLambda = inputs[first + 4] !== undefined;
  const slots = hasLambda ? (shapeOf(inputs[first + 4])[3] as number) : 1;
  const uniforms = words(batch, time, groups, heads, keyWidth, valueWidth, slots, kinds[attributes.slots], hasLambda ? 1 : 0);
  const decay = input(first + 3);
  // Slot kinds without decisions never read them: any bound buffer will do.
  const decisions: Binding[] = attributes.slots === 'age' ? reads(input(first + 5), input(first + 6)) : reads(decay, decay);
  return {
    sizes: { batch, time, groups, heads, keyWidth, valueWidth, slots },
    hasLambda,
    uniforms,
    lambda: hasLambda ? input(first + 4) : decay,
    lanesBytes: batch * heads * time * 16,
    shared: sharedWgsl,
    prepare: {
      label: 'multi-state.lanes',
      code: sharedWgsl + lanesWgsl,
      entryPoint: 'main',
      bindings: [...reads(decay), ...decisions, ...writes(lanes)],
      uniforms,
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
  const { sizes, uniforms, lambda, prepare, lanesBytes, shared } = multiStateLaunches(inputs, attributes, 0, lanes, limit);
  const { batch, time, heads, valueWidth } = sizes;
  return {
    form: 'parallel',
    scratch: [lanesBytes],
    launches: [
      prepare,
      {
        label: 'multi-state.parallel',
        code: shared + parallelWgsl,
        entryPoint: 'main',
        bindings: [...reads(input(0), input(1), input(2), lambda, lanes), ...writes(output(0))],
        uniforms,
        workgroups: cover(batch * heads * time * Math.ceil(valueWidth / 16), limit),
      },
    ],
  };
};
