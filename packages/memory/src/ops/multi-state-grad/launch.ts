import type { BindingSource, GpuKernel, KernelPlan, KernelRequest, Launch } from '@dla/kernels';
import { cover, input, output, reads, scratch, writes } from '../../wgsl/launch-kit.js';
import type { MultiStateAttributes, MultiStateSizes } from '../multi-state/contract.js';
import { parallelLaunches, parallelShared } from '../multi-state/launch.js';
import columnsWgsl from './multi-state-grad.columns.bwd.wgsl';
import decayWgsl from './multi-state-grad.decay.bwd.wgsl';
import groupsWgsl from './multi-state-grad.groups.bwd.wgsl';
import rowsWgsl from './multi-state-grad.rows.bwd.wgsl';

/** dq, dk and dg from per-head rows and columns [B, T, H, K + 1]: gradient of q or k, then the sum of A before or after. */
export function gatherLaunches(
  sizes: MultiStateSizes,
  uniforms: NonNullable<Launch['uniforms']>,
  rows: BindingSource,
  columns: BindingSource,
  limit: number,
): Launch[] {
  const { batch, time, groups, heads, keyWidth } = sizes;
  return [
    {
      label: 'multi-state-grad.groups',
      code: parallelShared + groupsWgsl,
      entryPoint: 'main',
      bindings: [...reads(rows, columns), ...writes(output(0), output(1))],
      uniforms,
      workgroups: cover(batch * time * groups * keyWidth, limit),
    },
    {
      label: 'multi-state-grad.decay',
      code: parallelShared + decayWgsl,
      entryPoint: 'main',
      bindings: [...reads(rows, columns), ...writes(output(3))],
      uniforms,
      workgroups: cover(batch * heads, limit),
    },
  ];
}

/** WGSL form of `multi-state-grad`: one pass over rows, one over columns, no float atomics. */
export const multiStateGradKernel: GpuKernel<MultiStateAttributes> = ({
  inputs,
  attributes,
  capabilities,
}: KernelRequest<MultiStateAttributes>): KernelPlan => {
  const limit = capabilities.limits.maxComputeWorkgroupsPerDimension;
  const [lanes, rows, columns, spare] = [scratch(0), scratch(1), scratch(2), scratch(3)];
  const { sizes, uniforms, lambda, prepare, lanesBytes } = parallelLaunches(inputs, attributes, 1, lanes, limit);
  const { batch, time, heads, keyWidth, valueWidth, hasLambda } = sizes;
  const tokens = batch * time * heads;
  const operands = reads(input(1), input(2), input(3), input(0), lambda, lanes);
  const keySlices = Math.ceil(keyWidth / 16);
  return {
    form: 'parallel',
    scratch: [lanesBytes, tokens * (keyWidth + 1) * 4, tokens * (keyWidth + 1) * 4, 4],
    launches: [
      prepare,
      {
        label: 'multi-state-grad.rows',
        code: parallelShared + rowsWgsl,
        entryPoint: 'main',
        bindings: [...operands, ...writes(rows, hasLambda ? output(4) : spare)],
        uniforms,
        workgroups: cover(tokens * keySlices, limit),
      },
      {
        label: 'multi-state-grad.columns',
        code: parallelShared + columnsWgsl,
        entryPoint: 'main',
        bindings: [...operands, ...writes(columns, output(2))],
        uniforms,
        workgroups: cover(tokens * (keySlices + Math.ceil(valueWidth / 16)), limit),
      },
      ...gatherLaunches(sizes, uniforms, rows, columns, limit),
    ],
  };
};
