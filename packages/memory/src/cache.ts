import { allocate, bytesPerElement, DlaError, sizeOf, type Tensor, type TensorSpec, tensor } from '@dla/core';
import { recurrentStateSpecs } from './ops/multi-state-recurrent/state.js';
import { segmentStateSpecs } from './ops/segment/state.js';
import { capacityOf, resolvePolicy, rulesOf, type SlotPolicy } from './policy/policy.js';

/**
 * What a layer's memory carries from token to token; its size never changes.
 * `slots`, `scales`, `order` are the state of `multi-state-recurrent`; with a policy that decides,
 * `keys`, `values`, `numbers`, `counters` are the state of `segment`.
 */
export interface MemoryState {
  readonly [name: string]: Tensor;
  readonly slots: Tensor;
  readonly scales: Tensor;
  readonly order: Tensor;
}

export interface MemorySizes {
  readonly batch: number;
  readonly heads: number;
  readonly groups: number;
  readonly keyWidth: number;
  readonly valueWidth: number;
  readonly policy: SlotPolicy;
  /** Longest stream, for `fenwick`; default the policy's. */
  readonly maxLength?: number;
}

/** Shapes and dtypes of a state, by name. */
export function memoryStateSpecs(sizes: MemorySizes): { readonly [name: string]: TensorSpec } {
  const policy = resolvePolicy(sizes.maxLength === undefined ? sizes.policy : { ...sizes.policy, maxLength: sizes.maxLength });
  for (const field of ['batch', 'heads', 'groups', 'keyWidth', 'valueWidth'] as const)
    if (!Number.isInteger(sizes[field]) || sizes[field] < 1)
      throw new DlaError('argument', `${field} is wrong`, {
        where: 'createMemoryState',
        expected: 'an integer of at least 1',
        found: String(sizes[field]),
      });
  if (sizes.heads % sizes.groups !== 0)
    throw new DlaError('argument', 'groups must divide heads', {
      where: 'createMemoryState',
      expected: `a divisor of ${sizes.heads}`,
      found: String(sizes.groups),
    });
  const [slots, scales, order] = recurrentStateSpecs(sizes, capacityOf(policy));
  const { segment } = rulesOf(policy);
  if (segment === null) return { slots, scales, order };
  const [keys, values, numbers, counters] = segmentStateSpecs(segment(policy), sizes);
  return { slots, scales, order, keys, values, numbers, counters };
}

/** The state before any token: host tensors of zeros, so any device can take them. */
export function createMemoryState(sizes: MemorySizes): MemoryState {
  const specs = Object.entries(memoryStateSpecs(sizes));
  return Object.fromEntries(
    specs.map(([name, { shape, dtype }]) => [name, tensor(allocate(dtype, sizeOf(shape)), { shape, dtype })]),
  ) as unknown as MemoryState;
}

/** Bytes a state holds; constant whatever the length of the stream. */
export function memoryBytes(state: MemoryState): number {
  return Object.values(state).reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesPerElement(dtype), 0);
}
