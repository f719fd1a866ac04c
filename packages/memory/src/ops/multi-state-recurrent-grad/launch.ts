import type { GpuKernel, KernelPlan, KernelRequest } from '@dla/kernels';
import { cover, fold, input, output, reads, scratch, writes } from '../../wgsl/launch-kit.js';
import type { MultiStateAttributes } from '../multi-state/contract.js';
import sizesWgsl from '../multi-state/multi-state.sizes.wgsl';
import { gatherLaunches } from '../multi-state-grad/launch.js';
import { recurrentLaunches, recurrentShared } from '../multi-state-recurrent/launch.js';
import backwardWgsl from './multi-state-recurrent-grad.backward.bwd.wgsl';
import beginWgsl from './multi-state-recurrent-grad.begin.bwd.wgsl';
import forwardWgsl from './multi-state-recurrent-grad.forward.bwd.wgsl';
import workWgsl from './multi-state-recurrent-grad.work.wgsl';

/** WGSL form of `multi-state-recurrent-grad`: linear in T; slots and their gradients share one working copy. */
export const multiStateRecurrentGradKernel: GpuKernel<MultiStateAttributes> = ({
  inputs,
  attributes,
  capabilities,
}: KernelRequest<MultiStateAttributes>): KernelPlan => {
  const limit = capabilities.limits.maxComputeWorkgroupsPerDimension;
  const [events, work, rows, columns, spare] = [scratch(0), scratch(1), scratch(2), scratch(3), scratch(4)];
  const { sizes, uniforms, prepare, eventsBytes } = recurrentLaunches(inputs, attributes, 4, events, limit);
  const { batch, time, heads, keyWidth, valueWidth, slots, hasLambda } = sizes;
  const lanes = batch * heads;
  const words = lanes * (slots * keyWidth * valueWidth + 2 + 2 * slots);
  const partBytes = batch * time * heads * (keyWidth + 1) * 4;
  const operands = reads(input(4), input(5), input(6), input(0), events);
  return {
    form: 'recurrent',
    scratch: [eventsBytes, words * 4, partBytes, partBytes, 4],
    launches: [
      prepare,
      {
        label: 'multi-state-recurrent-grad.begin',
        code: sizesWgsl + beginWgsl,
        entryPoint: 'main',
        bindings: [...reads(input(1), input(2), input(3)), ...writes(work)],
        uniforms,
        workgroups: cover(words, limit),
      },
      {
        label: 'multi-state-recurrent-grad.forward',
        code: recurrentShared + workWgsl + forwardWgsl,
        entryPoint: 'main',
        bindings: [...writes(work), ...operands, ...writes(rows, hasLambda ? output(4) : spare)],
        uniforms,
        workgroups: fold(lanes, limit),
      },
      {
        label: 'multi-state-recurrent-grad.backward',
        code: recurrentShared + workWgsl + backwardWgsl,
        entryPoint: 'main',
        bindings: [...writes(work), ...operands, ...writes(columns, output(2))],
        uniforms,
        workgroups: fold(lanes, limit),
      },
      ...gatherLaunches(sizes, uniforms, rows, columns, limit),
    ],
  };
};
