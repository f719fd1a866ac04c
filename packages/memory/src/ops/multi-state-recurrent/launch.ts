import { DlaError, type TensorSpec } from '@dla/core';
import type { BindingSource, GpuKernel, KernelPlan, KernelRequest, Launch } from '@dla/kernels';
import { cover, fold, input, output, reads, scratch, shapeOf, words, writes } from '../../wgsl/launch-kit.js';
import type { MultiStateAttributes } from '../multi-state/contract.js';
import bookWgsl from './multi-state-recurrent.book.wgsl';
import eventsWgsl from './multi-state-recurrent.events.fwd.wgsl';
import recurrentWgsl from './multi-state-recurrent.recurrent.fwd.wgsl';
import sizesWgsl from './multi-state-recurrent.sizes.wgsl';

const kinds = { single: 0, age: 1, fenwick: 2 } as const;
/** Length of the kernels' workgroup arrays over slots. */
const mostSlots = 256;

/** What the recurrent kernels of both directions share. `first` is the index of q among the inputs. */
export interface RecurrentLaunches {
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
  /** Fills `events`. */
  readonly prepare: Launch;
  readonly eventsBytes: number;
  readonly shared: string;
}

/** @throws DlaError `device-limit` for more slots than the workgroup arrays hold. */
export function recurrentLaunches(
  inputs: readonly TensorSpec[],
  attributes: MultiStateAttributes,
  first: number,
  events: BindingSource,
  limit: number,
): RecurrentLaunches {
  const [batch, time, groups, keyWidth] = shapeOf(inputs[first + 1]) as [number, number, number, number];
  const [, , heads, valueWidth] = shapeOf(inputs[first + 2]) as [number, number, number, number];
  const hasLambda = inputs[first + 4] !== undefined;
  const slots = hasLambda ? (shapeOf(inputs[first + 4])[3] as number) : 1;
  if (slots > mostSlots)
    throw new DlaError('device-limit', 'too many slots for the WebGPU form', {
      where: 'multi-state-recurrent',
      expected: `at most ${mostSlots}`,
      found: String(slots),
    });
  const uniforms = words(batch, time, groups, heads, keyWidth, valueWidth, slots, kinds[attributes.slots], hasLambda ? 1 : 0);
  const decay = input(first + 3);
  const tokens = batch * time * heads;
  // What a slot kind does not have is never read: any bound buffer will do.
  const decisions = attributes.slots === 'age' ? [input(first + 5), input(first + 6)] : [decay, decay];
  return {
    sizes: { batch, time, groups, heads, keyWidth, valueWidth, slots },
    hasLambda,
    uniforms,
    eventsBytes: tokens * (3 + slots) * 4,
    shared: sizesWgsl + bookWgsl,
    prepare: {
      label: 'multi-state-recurrent.events',
      code: sizesWgsl + eventsWgsl,
      entryPoint: 'main',
      bindings: [...reads(decay, hasLambda ? input(first + 4) : decay, ...decisions), ...writes(events)],
      uniforms,
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
  const { sizes, uniforms, prepare, eventsBytes, shared } = recurrentLaunches(inputs, attributes, 3, events, limit);
  return {
    form: 'recurrent',
    scratch: [eventsBytes],
    launches: [
      prepare,
      {
        label: 'multi-state-recurrent.recurrent',
        code: shared + recurrentWgsl,
        entryPoint: 'main',
        bindings: [...writes(output(1), output(2), output(3)), ...reads(input(3), input(4), input(5), events), ...writes(output(0))],
        uniforms,
        workgroups: fold(sizes.batch * sizes.heads, limit),
      },
    ],
  };
};
