import { type DefinedOp, defineOp } from '../../op.js';
import { broadcastShapes } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { expectDtype, expectSameDtype, inputAt } from '../check.js';
import { asTensors, type Operand } from '../constant.js';
import { compareReference } from './cpu.js';

export const compareKinds = ['equal', 'notEqual', 'less', 'lessEqual', 'greater', 'greaterEqual'] as const;
export type CompareKind = (typeof compareKinds)[number];
export type CompareAttributes = { readonly kind: CompareKind };

/** a ? b -> bool with numpy broadcasting; both f32, i32, u32 or bool. Comparisons with NaN are unspecified. Throws `shape` and `dtype`. */
export const compareOp: DefinedOp<CompareAttributes> = defineOp<CompareAttributes>({
  name: 'compare',
  infer: (inputs, { kind }) => {
    const a = inputAt(kind, inputs, 0);
    const b = inputAt(kind, inputs, 1);
    expectDtype(kind, 'a', a, 'f32', 'i32', 'u32', 'bool');
    expectSameDtype(kind, a, b);
    return [{ shape: broadcastShapes(kind, a.shape, b.shape), dtype: 'bool' }];
  },
  reference: compareReference,
  gradient: null,
});

function compare(kind: CompareKind, a: Operand, b: Operand): Tensor {
  return compareOp(asTensors(kind, a, b), { kind })[0] as Tensor;
}

/** a == b -> bool, with broadcasting; either may be a number. */
export function equal(a: Operand, b: Operand): Tensor {
  return compare('equal', a, b);
}

/** a != b -> bool, with broadcasting; either may be a number. */
export function notEqual(a: Operand, b: Operand): Tensor {
  return compare('notEqual', a, b);
}

/** a < b -> bool, with broadcasting; either may be a number. */
export function less(a: Operand, b: Operand): Tensor {
  return compare('less', a, b);
}

/** a <= b -> bool, with broadcasting; either may be a number. */
export function lessEqual(a: Operand, b: Operand): Tensor {
  return compare('lessEqual', a, b);
}

/** a > b -> bool, with broadcasting; either may be a number. */
export function greater(a: Operand, b: Operand): Tensor {
  return compare('greater', a, b);
}

/** a >= b -> bool, with broadcasting; either may be a number. */
export function greaterEqual(a: Operand, b: Operand): Tensor {
  return compare('greaterEqual', a, b);
}
