import { type DefinedOp, defineOp } from '../../op.js';
import { broadcastShapes } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { expectDtype, expectSameDtype, inputAt } from '../check.js';
import { asTensors, type Operand } from '../constant.js';
import { binaryFast, binaryReference } from './cpu.js';
import { binaryGradient } from './grad.js';

export const binaryKinds = ['add', 'sub', 'mul', 'div', 'max', 'min'] as const;
export type BinaryKind = (typeof binaryKinds)[number];
export type BinaryAttributes = { readonly kind: BinaryKind };

/**
 * y = a o b with numpy broadcasting; both f32, i32 or u32. Integers wrap around; integer division truncates, and by zero
 * gives the dividend. max and min of NaN are unspecified. Throws `shape` and `dtype`.
 */
export const binaryOp: DefinedOp<BinaryAttributes> = defineOp<BinaryAttributes>({
  name: 'binary',
  infer: (inputs, { kind }) => {
    const a = inputAt(kind, inputs, 0);
    const b = inputAt(kind, inputs, 1);
    expectDtype(kind, 'a', a, 'f32', 'i32', 'u32');
    expectSameDtype(kind, a, b);
    return [{ shape: broadcastShapes(kind, a.shape, b.shape), dtype: a.dtype }];
  },
  reference: binaryReference,
  fast: binaryFast,
  gradient: binaryGradient,
});

function binary(kind: BinaryKind, a: Operand, b: Operand): Tensor {
  return binaryOp(asTensors(kind, a, b), { kind })[0] as Tensor;
}

/** a + b with broadcasting; either may be a number. Example: `add(x, 1)`. */
export function add(a: Operand, b: Operand): Tensor {
  return binary('add', a, b);
}

/** a - b with broadcasting; either may be a number. */
export function sub(a: Operand, b: Operand): Tensor {
  return binary('sub', a, b);
}

/** a * b for each element, with broadcasting; either may be a number. */
export function mul(a: Operand, b: Operand): Tensor {
  return binary('mul', a, b);
}

/** a / b with broadcasting; either may be a number. Integers truncate towards zero. */
export function div(a: Operand, b: Operand): Tensor {
  return binary('div', a, b);
}

/** The larger of a and b, with broadcasting; where they are equal the gradient goes to a. */
export function maximum(a: Operand, b: Operand): Tensor {
  return binary('max', a, b);
}

/** The smaller of a and b, with broadcasting; where they are equal the gradient goes to a. */
export function minimum(a: Operand, b: Operand): Tensor {
  return binary('min', a, b);
}
