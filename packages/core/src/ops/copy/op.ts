import { type DefinedOp, defineOp } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { copyReference } from './cpu.js';
import { copyGradient } from './grad.js';

/** y = x in memory of its own. The planner inserts it where a value would otherwise be overwritten. */
export const copyOp: DefinedOp<Record<string, never>> = defineOp<Record<string, never>>({
  name: 'copy',
  infer: (inputs) => inputs.map(({ shape, dtype }) => ({ shape, dtype })),
  reference: copyReference,
  gradient: copyGradient,
});

export function copy(x: Tensor): Tensor {
  return copyOp([x], {})[0] as Tensor;
}
