import { DlaError, type TensorSpec } from '@dla/core';
import { expectCount, expectSpec, type Sizes, sizesOfInputs } from '../check.js';

/**
 * How lambda's last axis is indexed:
 * `single` one slot; `age` by the number of live boundaries between (0 = the open slot);
 * `fenwick` by Fenwick level (0 = the token itself; levels past the last count as the last).
 */
export type SlotKind = 'single' | 'age' | 'fenwick';

export type MultiStateAttributes = {
  readonly [name: string]: string;
  readonly slots: SlotKind;
  readonly backbone: 'mamba2';
};

/** Sizes with the number of slots, lambda's last axis. */
export interface SlotSizes extends Sizes {
  readonly slots: number;
}

export interface MultiStateSizes extends SlotSizes {
  readonly hasLambda: boolean;
}

export function checkMultiStateAttributes(op: string, { slots, backbone }: MultiStateAttributes): void {
  if (slots !== 'single' && slots !== 'age' && slots !== 'fenwick')
    throw new DlaError('argument', 'attribute slots is wrong', { where: op, expected: '"single", "age" or "fenwick"', found: String(slots) });
  if (backbone !== 'mamba2')
    throw new DlaError('argument', 'attribute backbone is wrong', { where: op, expected: '"mamba2"', found: String(backbone) });
}

/** Names of the inputs after q, k, v, g for a slot kind; lambda may be left out with `single`. */
export function decisionNames(slots: SlotKind, third: 'death' | 'mergedAt'): readonly string[] {
  return slots === 'age' ? ['opened', third] : [];
}

/** Check q, k, v, g, lambda?, opened?, (death | mergedAt)? and return the sizes. `rest` is how many other inputs follow. */
export function multiStateSizes(
  op: string,
  inputs: readonly TensorSpec[],
  attributes: MultiStateAttributes,
  third: 'death' | 'mergedAt',
  rest = 0,
): MultiStateSizes {
  checkMultiStateAttributes(op, attributes);
  const decisions = decisionNames(attributes.slots, third);
  const hasLambda = attributes.slots !== 'single' || inputs.length === 5 + rest;
  const names = ['q', 'k', 'v', 'g', ...(hasLambda ? ['lambda'] : []), ...decisions];
  expectCount(op, inputs, names.length + rest, `${names.join(', ')}${rest > 0 ? `, and ${rest} more` : ''}`);
  const [q, k, v, g, lambda] = inputs;
  const sizes = sizesOfInputs(op, k, v, g);
  const { batch, time, groups, heads, keyWidth } = sizes;
  expectSpec(op, 'q', q, 'f32', [batch, time, groups, keyWidth]);
  const slots = hasLambda ? (lambda?.shape[3] ?? 0) : 1;
  if (hasLambda) {
    expectSpec(op, 'lambda', lambda, 'f32', [batch, time, heads, attributes.slots === 'single' ? 1 : slots]);
    if (slots < 1) throw new DlaError('shape', 'lambda needs at least one slot', { where: op, expected: '[B, T, H, M]', found: `${slots} slots` });
  }
  decisions.forEach((name, index) => {
    expectSpec(op, name, inputs[5 + index], name === 'opened' ? 'bool' : 'i32', [batch, time, heads]);
  });
  return { ...sizes, slots, hasLambda };
}

/** Level of token s seen from token t >= s (0-based): 0 for s = t, else 1 + the highest bit in which s and t differ. */
export function fenwickLevel(t: number, s: number): number {
  return t === s ? 0 : 32 - Math.clz32(t ^ s);
}
