import { type DefinedOp, defineOp } from '../../op.js';
import { checkShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { expectDtype, expectShape, inputAt, lastDimension } from '../check.js';
import { scatterAddRowsReference } from './cpu.js';
import { scatterAddRowsFast } from './fast.js';
import { scatterAddRowsGradient } from './grad.js';

export type ScatterAddRowsAttributes = { readonly rows: number };

/**
 * y[v] = sum over i with indices[i] = v of updates[i], in the order of i: indices [..] i32, updates [.., D] f32 ->
 * [rows, D]. An index outside [0, rows) is an `argument` error on the CPU; GPU devices drop it.
 */
export const scatterAddRowsOp: DefinedOp<ScatterAddRowsAttributes> = defineOp<ScatterAddRowsAttributes>({
  name: 'scatter-add-rows',
  infer: (inputs, { rows }) => {
    const indices = inputAt('scatter-add-rows', inputs, 0);
    const updates = inputAt('scatter-add-rows', inputs, 1);
    expectDtype('scatter-add-rows', 'the indices', indices, 'i32');
    expectDtype('scatter-add-rows', 'the updates', updates, 'f32');
    const width = lastDimension('scatter-add-rows', 'the updates', updates);
    expectShape('scatter-add-rows', 'the updates', updates, [...indices.shape, width]);
    checkShape('scatter-add-rows', [rows]);
    return [{ shape: [rows, width], dtype: 'f32' }];
  },
  reference: scatterAddRowsReference,
  fast: scatterAddRowsFast,
  gradient: scatterAddRowsGradient,
});

/** A table [rows, D] of zeros with row `updates[i]` [D] added at `indices[i]`, in the order of i; the gradient of `gather`. */
export function scatterAddRows(indices: Tensor, updates: Tensor, rows: number): Tensor {
  return scatterAddRowsOp([indices, updates], { rows })[0] as Tensor;
}
