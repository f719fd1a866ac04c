import { DlaError, type TensorSpec } from '@dla/core';
import type { BindingSource, GpuKernel, KernelPlan, KernelRequest, Launch } from '@dla/kernels';
import { cover, fold, input, output, reads, scratch, writes } from '../../wgsl/launch-kit.js';
import { type MultiStateCall, multiStateCall } from '../multi-state/call.js';
import type { MultiStateAttributes } from '../multi-state/contract.js';
import sizesWgsl from '../multi-state/multi-state.sizes.wgsl';
import bookWgsl from './multi-state-recurrent.book.wgsl';
import eventsWgsl from './multi-state-recurrent.events.fwd.wgsl';
import recurrentWgsl from './multi-state-recurrent.recurrent.fwd.wgsl';

/** Length of the kernels' workgroup arrays over slots. */
const mostSlots = 256;

/** WGSL that goes before every recurrent kernel. */
export const recurrentShared: string = sizesWgsl + bookWgsl;

/** What the recurrent kernels of both directions share. */
export interface RecurrentLaunches extends MultiStateCall {
  /** Fills `events`. */
  readonly prepare: Launch;
  readonly eventsBytes: number;
}

/**
 * `first` is the index of q among the inputs.
 *
 * @throws DlaError `device-limit` for more slots than the workgroup arrays hold.
 */
export function recurrentLaunches(
  inputs: readonly TensorSpec[],
  attributes: MultiStateAttributes,
  first: number,
  events: BindingSource,
  limit: number,
): RecurrentLaunches {
  const call = multiStateCall(inputs, attributes, first);
  const { batch, time, heads, slots } = call.sizes;
  if (slots > mostSlots)
    throw new DlaError('device-limit', 'too many slots for the WebGPU form', {
      where: 'multi-state-recurrent',
      expected: `at most ${mostSlots}`,
      found: String(slots),
    });
  const tokens = batch * time * heads;
  return {
    ...call,
    eventsBytes: tokens * (3 + slots) * 4,
    prepare: {
      label: 'multi-state-recurrent.events',
      code: sizesWgsl + eventsWgsl,
      entryPoint: 'main',
      bindings: [...reads(call.decay, call.lambda, call.opened, call.event), ...writes(events)],
      uniforms: call.uniforms,
      workgroups: cover(tokens, limit),
    },
  };
}

/** WGSL form of `multi-state-recurrent`: linear in T, one workgroup a head. */
export const multiStateRecurrentKernel: GpuKernel<MultiStateAttributes> = ({
  inputs,
  attributes,
  capabilities,
}: KernelRequest<MultiStateAttributes>): KernelPlan => {
  const limit = capabilities.limits.maxComputeWorkgroupsPerDimension;
  const events = scratch(0);
  const { sizes, uniforms, prepare, eventsBytes } = recurrentLaunches(inputs, attributes, 3, events, limit);
  return {
    form: 'recurrent',
    scratch: [eventsBytes],
    launches: [
      prepare,
      {
        label: 'multi-state-recurrent.recurrent',
        code: recurrentShared + recurrentWgsl,
        entryPoint: 'main',
        bindings: [...writes(output(1), output(2), output(3)), ...reads(input(3), input(4), input(5), events), ...writes(output(0))],
        uniforms,
        workgroups: fold(sizes.batch * sizes.heads, limit),
      },
    ],
  };
};
