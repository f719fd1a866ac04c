import { type DefinedOp, defineOp } from '../../op.js';
import { broadcastShapes } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { expectDtype, expectSameDtype, inputAt } from '../check.js';
import { asTensors, type Operand } from '../constant.js';
import { whereReference } from './cpu.js';
import { whereGradient } from './grad.js';

/** y = condition ? a : b with numpy broadcasting of all three; condition bool, a and b both f32, i32, u32 or bool. Throws `shape` and `dtype`. */
export const whereOp: DefinedOp<Record<string, never>> = defineOp<Record<string, never>>({
  name: 'where',
  infer: (inputs) => {
    const condition = inputAt('where', inputs, 0);
    const a = inputAt('where', inputs, 1);
    const b = inputAt('where', inputs, 2);
    expectDtype('where', 'the condition', condition, 'bool');
    expectDtype('where', 'a', a, 'f32', 'i32', 'u32', 'bool');
    expectSameDtype('where', a, b);
    return [{ shape: broadcastShapes('where', condition.shape, broadcastShapes('where', a.shape, b.shape)), dtype: a.dtype }];
  },
  reference: whereReference,
  gradient: whereGradient,
});

/** condition ? a : b for each element, with broadcasting; a or b may be a number. Values not chosen do not matter, NaN included. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return whereOp([condition, ...asTensors('where', a, b)], {})[0] as Tensor;
}
