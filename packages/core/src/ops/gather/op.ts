import { type DefinedOp, defineOp } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { expectDtype, expectRank, inputAt } from '../check.js';
import { gatherReference } from './cpu.js';
import { gatherGradient } from './grad.js';

/**
 * Rows of a table: table [V, D] f32, indices [..] i32 -> [.., D]. An index outside [0, V) is an `argument` error on the
 * CPU; GPU devices clamp it to the table.
 */
export const gatherOp: DefinedOp<Record<string, never>> = defineOp<Record<string, never>>({
  name: 'gather',
  infer: (inputs) => {
    const table = inputAt('gather', inputs, 0);
    const indices = inputAt('gather', inputs, 1);
    expectDtype('gather', 'the table', table, 'f32');
    expectRank('gather', 'the table', table, 2);
    expectDtype('gather', 'the indices', indices, 'i32');
    return [{ shape: [...indices.shape, table.shape[1] as number], dtype: 'f32' }];
  },
  reference: gatherReference,
  gradient: gatherGradient,
});

/** Row indices[i] of table [V, D] for every index: [..] i32 -> [.., D]. An embedding. Indices must be in [0, V). */
export function gather(table: Tensor, indices: Tensor): Tensor {
  return gatherOp([table, indices], {})[0] as Tensor;
}
