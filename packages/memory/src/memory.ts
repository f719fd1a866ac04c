import { DlaError, fill, type Tensor } from '@dla/core';
import { createMemoryState, type MemoryState } from './cache.js';
import type { SlotKind } from './ops/multi-state/contract.js';
import { multiState } from './ops/multi-state/op.js';
import { multiStateRecurrentOp } from './ops/multi-state-recurrent/op.js';
import { type Segmentation, type SegmentationState, segment } from './ops/segment/op.js';
import { type SegmentAttributes, segmentStateSpecs } from './ops/segment/state.js';
import { capacityOf, type FullPolicy, resolvePolicy, rulesOf, type SlotPolicy } from './policy/policy.js';

export interface MemoryInputs {
  /** f32 [B, T, G, K]; scaling is the caller's business. */
  readonly q: Tensor;
  /** f32 [B, T, G, K], G dividing H: head h uses group floor(h / (H / G)). */
  readonly k: Tensor;
  /** f32 [B, T, H, V] */
  readonly v: Tensor;
  /** f32 [B, T, H], log-decay <= 0. */
  readonly g: Tensor;
  /** f32 [B, T, H, M] with M = `capacityOf(policy)`: the weight of each slot, position 0 the newest (`fenwick`: level 0). Default 1. */
  readonly lambda?: Tensor;
  readonly policy: SlotPolicy;
}

export interface DlaMemoryOptions extends MemoryInputs {
  /** `parallel` (default): a whole sequence from its start. `recurrent`: a piece of a stream, in constant memory. */
  readonly form?: 'parallel' | 'recurrent';
  /** Where the recurrent form continues; default the start of a document. */
  readonly state?: MemoryState;
}

export interface DlaMemoryResult {
  /** f32 [B, T, H, V] */
  readonly output: Tensor;
  /** What the policy decided; absent where it decides nothing (`single`, `fenwick`). */
  readonly segmentation?: Segmentation;
  /** The state after the piece; only in the recurrent form. */
  readonly state?: MemoryState;
}

/**
 * Multi-state linear attention with a slot policy: o_t = sum_j lambda_{t,j} S_j(t)^T q_t, where S_j is the share of the
 * state H_t = exp(g_t) H_{t-1} + k_t v_t^T that slot j's tokens wrote. Differentiable in q, k, v, g and lambda; the
 * decisions are a hard gate. Both forms take the same decisions, bit for bit on one device.
 *
 * @throws DlaError `argument` for a wrong policy or a state with the parallel form, `shape`/`dtype` for wrong inputs.
 * @example
 * const { output } = dlaMemory({ q, k, v, g, lambda, policy: { policy: 'dla', capacity: 30, tau: 0.6, merge: 'weakest' } });
 */
export function dlaMemory(options: DlaMemoryOptions): DlaMemoryResult {
  const policy = resolvePolicy(options.policy);
  const lambda = checkedLambda(options, policy);
  const inputs = { ...options, lambda };
  if (options.form === 'recurrent') return recurrent(inputs, policy);
  if (options.state !== undefined)
    throw new DlaError('argument', 'the parallel form starts from an empty memory', {
      where: 'dlaMemory',
      expected: "form 'recurrent' with a state",
      found: "form 'parallel'",
    });
  return parallel(inputs, policy);
}

/**
 * One token or a piece of a stream: a pure graph function. Compile it with the state donated and memory is updated in place.
 *
 * @example
 * const step = compile((state, inputs) => memoryStep(state, { ...inputs, policy }), { device, donate: [0] });
 */
export function memoryStep(state: MemoryState, inputs: MemoryInputs): DlaMemoryResult & { readonly state: MemoryState } {
  return dlaMemory({ ...inputs, form: 'recurrent', state }) as DlaMemoryResult & { readonly state: MemoryState };
}

type Checked = Omit<DlaMemoryOptions, 'lambda'> & { readonly lambda: Tensor | undefined };

function checkedLambda({ lambda, v }: MemoryInputs, policy: FullPolicy): Tensor | undefined {
  const capacity = capacityOf(policy);
  if (lambda === undefined) return policy.policy === 'single' ? undefined : fill([...v.shape.slice(0, 3), capacity], 1);
  const found = lambda.shape[3];
  if (found !== capacity)
    throw new DlaError('shape', `lambda does not fit the policy ${policy.policy}`, {
      where: 'dlaMemory',
      expected: `last axis ${capacity}`,
      found: String(found),
    });
  return lambda;
}

function parallel({ q, k, v, g, lambda }: Checked, policy: FullPolicy): DlaMemoryResult {
  const { slots, segment: decide } = rulesOf(policy);
  const base = [q, k, v, g, ...(lambda === undefined ? [] : [lambda])];
  const attributes = { slots, backbone: 'mamba2' } as const;
  if (decide === null) return { output: multiState(base, attributes) };
  const chosen = decide(policy);
  const { segmentation } = segment({ k, v, g, state: emptySegmentation(chosen, k, v) }, chosen);
  return { output: multiState([...base, segmentation.opened, segmentation.death], attributes), segmentation };
}

function recurrent({ q, k, v, g, lambda, state: given }: Checked, policy: FullPolicy): DlaMemoryResult {
  const { slots, segment: decide } = rulesOf(policy);
  const state = given ?? createMemoryState({ ...sizesOf(k, v), policy });
  const base = [q, k, v, g, ...(lambda === undefined ? [] : [lambda])];
  if (decide === null) return readSlots(slots, state, base, {});
  const decided = segment({ k, v, g, state: segmentationState(state) }, decide(policy));
  const { segmentation } = decided;
  const result = readSlots(slots, state, [...base, segmentation.opened, segmentation.mergedAt], decided.state);
  return { ...result, segmentation };
}

function readSlots(slots: SlotKind, state: MemoryState, inputs: readonly Tensor[], rest: { readonly [name: string]: Tensor }): DlaMemoryResult {
  const results = multiStateRecurrentOp([state.slots, state.scales, state.order, ...inputs], { slots, backbone: 'mamba2' });
  const [output, matrices, scales, order] = results as [Tensor, Tensor, Tensor, Tensor];
  return { output, state: { slots: matrices, scales, order, ...rest } };
}

function segmentationState(state: MemoryState): SegmentationState {
  const { keys, values, numbers, counters } = state;
  if (keys === undefined || values === undefined || numbers === undefined || counters === undefined)
    throw new DlaError('argument', 'the state was made for another slot policy', {
      where: 'dlaMemory',
      expected: 'keys, values, numbers, counters',
      found: Object.keys(state).join(', '),
    });
  return { keys, values, numbers, counters };
}

/** Zeros made on the device, so that nothing is uploaded or copied for each call. */
function emptySegmentation(attributes: SegmentAttributes, k: Tensor, v: Tensor): SegmentationState {
  const [keys, values, numbers, counters] = segmentStateSpecs(attributes, sizesOf(k, v)).map(({ shape, dtype }) => fill(shape, 0, dtype)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  return { keys, values, numbers, counters };
}

function sizesOf(k: Tensor, v: Tensor): { batch: number; groups: number; keyWidth: number; heads: number; valueWidth: number } {
  const [batch, , groups, keyWidth] = k.shape as [number, number, number, number];
  const [, , heads, valueWidth] = v.shape as [number, number, number, number];
  if (k.shape.length !== 4 || v.shape.length !== 4)
    throw new DlaError('shape', 'k and v must have four axes', {
      where: 'dlaMemory',
      expected: 'k [B, T, G, K], v [B, T, H, V]',
      found: `${String(k)}, ${String(v)}`,
    });
  return { batch, groups, keyWidth, heads, valueWidth };
}
