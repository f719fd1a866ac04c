import { type DefinedOp, DlaError, defineOp, type Tensor, type TensorSpec } from '@dla/core';
import { expectCount, expectSpec, sizesOfInputs } from '../check.js';
import { segmentReference } from './cpu.js';
import { segmentKernel } from './launch.js';
import { type SegmentAttributes, segmentStateSpecs } from './state.js';

const NAMES = 'k, v, g, keys, values, numbers, counters';

function infer(inputs: readonly TensorSpec[], attributes: SegmentAttributes): TensorSpec[] {
  expectCount('segment', inputs, 7, NAMES);
  checkAttributes(attributes);
  const [k, v, g, ...state] = inputs;
  const sizes = sizesOfInputs('segment', k, v, g);
  const { batch, time, heads } = sizes;
  const specs = segmentStateSpecs(attributes, sizes);
  ['keys', 'values', 'numbers', 'counters'].forEach((name, index) => {
    const spec = specs[index] as TensorSpec;
    expectSpec('segment', `state ${name}`, state[index], spec.dtype, spec.shape);
  });
  const shape = [batch, time, heads];
  return [{ shape, dtype: 'f32' }, { shape, dtype: 'bool' }, { shape, dtype: 'i32' }, { shape, dtype: 'i32' }, { shape, dtype: 'f32' }, ...specs];
}

function checkAttributes({ policy, capacity, tau, merge, blockLength }: SegmentAttributes): void {
  const bad = (name: string, expected: string, found: unknown): never => {
    throw new DlaError('argument', `attribute ${name} is wrong`, { where: 'segment', expected, found: String(found) });
  };
  if (policy !== 'dla' && policy !== 'fixed') bad('policy', '"dla" or "fixed"', policy);
  if (!Number.isInteger(capacity) || capacity < 1) bad('capacity', 'an integer of at least 1', capacity);
  if (!(tau >= 0 && tau < Infinity)) bad('tau', 'a finite number of at least 0', tau);
  if (merge !== 'density' && merge !== 'weakest' && merge !== 'oldest') bad('merge', '"density", "weakest" or "oldest"', merge);
  if (!Number.isInteger(blockLength) || blockLength < 1) bad('blockLength', 'an integer of at least 1', blockLength);
}

/**
 * Which tokens open a slot and which slots merge (`../../../README.md`, sections 3 and 4 of the design; derivation in README.md here).
 *
 * inputs    k f32 [B, T, G, K], v f32 [B, T, H, V], g f32 [B, T, H] (log-decay <= 0), and the state of
 *           {@link segmentStateSpecs}: keys, values, numbers, counters (all updated in place; zeros before the first token)
 * outputs   score f32 [B, T, H]     I_t of formula (2), sqrt 2 for a document's first token; 0 under `fixed`
 *           opened bool [B, T, H]   the token opened a slot
 *           mergedAt i32 [B, T, H]  index (oldest slot = 0) of the older slot of the pair merged just before; -1 none, -2 held
 *           death i32 [B, T, H]     time within this call at which the boundary opened here was merged away; -1 never, or none opened
 *           gap f32 [B, T, H]       smallest distance of the decisions taken to the other decision; 1e30 where none was taken
 *           keys, values, numbers, counters   the new state
 *
 * Any split of a stream into calls gives the same bits. Not differentiable: the gate is hard.
 */
export const segmentOp: DefinedOp<SegmentAttributes> = defineOp<SegmentAttributes>({
  name: 'segment',
  infer,
  reference: segmentReference,
  gradient: null,
  inPlace: [null, null, null, null, null, 3, 4, 5, 6],
  forms: { webgpu: segmentKernel },
});

/** What a slot policy decided for every token: see {@link segmentOp}. */
export interface Segmentation {
  readonly score: Tensor;
  readonly opened: Tensor;
  readonly mergedAt: Tensor;
  readonly death: Tensor;
  readonly gap: Tensor;
}

/** State of the segmentation between calls: see {@link SegmentLayout}. */
export interface SegmentationState {
  readonly [name: string]: Tensor;
  readonly keys: Tensor;
  readonly values: Tensor;
  readonly numbers: Tensor;
  readonly counters: Tensor;
}

/** {@link segmentOp} with names. */
export function segment(
  inputs: { readonly k: Tensor; readonly v: Tensor; readonly g: Tensor; readonly state: SegmentationState },
  attributes: SegmentAttributes,
): { readonly segmentation: Segmentation; readonly state: SegmentationState } {
  const { k, v, g, state } = inputs;
  const [score, opened, mergedAt, death, gap, keys, values, numbers, counters] = segmentOp(
    [k, v, g, state.keys, state.values, state.numbers, state.counters],
    attributes,
  ) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
  return { segmentation: { score, opened, mergedAt, death, gap }, state: { keys, values, numbers, counters } };
}
