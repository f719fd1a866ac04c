import type { TensorSpec } from '@dla/core';
import type { BindingSource, Launch } from '@dla/kernels';
import { input, shapeOf, words } from '../../wgsl/launch-kit.js';
import type { MultiStateAttributes, MultiStateSizes } from './contract.js';

const kinds = { single: 0, age: 1, fenwick: 2 } as const;

/** What every kernel of the family needs to know of a call. */
export interface MultiStateCall {
  readonly sizes: MultiStateSizes;
  /** The struct `Sizes` of multi-state.sizes.wgsl. */
  readonly uniforms: NonNullable<Launch['uniforms']>;
  readonly decay: BindingSource;
  /** lambda, opened, and death or mergedAt. What the slot kind does not have is never read: any bound buffer stands in. */
  readonly lambda: BindingSource;
  readonly opened: BindingSource;
  readonly event: BindingSource;
}

/** Read a call's sizes off its inputs; `first` is the index of q among them. `infer` has checked them. */
export function multiStateCall(inputs: readonly TensorSpec[], attributes: MultiStateAttributes, first: number): MultiStateCall {
  const [batch, time, groups, keyWidth] = shapeOf(inputs[first + 1]) as [number, number, number, number];
  const [, , heads, valueWidth] = shapeOf(inputs[first + 2]) as [number, number, number, number];
  const hasLambda = inputs[first + 4] !== undefined;
  const slots = hasLambda ? (shapeOf(inputs[first + 4])[3] as number) : 1;
  const decay = input(first + 3);
  const decides = attributes.slots === 'age';
  return {
    sizes: { batch, time, groups, heads, keyWidth, valueWidth, slots, hasLambda },
    uniforms: words(batch, time, groups, heads, keyWidth, valueWidth, slots, kinds[attributes.slots], hasLambda ? 1 : 0),
    decay,
    lambda: hasLambda ? input(first + 4) : decay,
    opened: decides ? input(first + 5) : decay,
    event: decides ? input(first + 6) : decay,
  };
}
