import { type DefinedOp, defineOp } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { expectDtype, inputAt } from '../check.js';
import { unaryFast, unaryReference } from './cpu.js';
import { unaryGradient } from './grad.js';

export const unaryKinds = [
  'neg',
  'exp',
  'log',
  'sqrt',
  'rsqrt',
  'square',
  'reciprocal',
  'abs',
  'sigmoid',
  'tanh',
  'silu',
  'relu',
  'softplus',
  'sin',
  'cos',
] as const;
export type UnaryKind = (typeof unaryKinds)[number];
export type UnaryAttributes = { readonly kind: UnaryKind };

/** y = f(x) for each element: f32 [..] -> f32 [..]. Throws `dtype` for other dtypes. */
export const unaryOp: DefinedOp<UnaryAttributes> = defineOp<UnaryAttributes>({
  name: 'unary',
  infer: (inputs, { kind }) => {
    const x = inputAt(kind, inputs, 0);
    expectDtype(kind, 'x', x, 'f32');
    return [{ shape: x.shape, dtype: 'f32' }];
  },
  reference: unaryReference,
  fast: unaryFast,
  gradient: unaryGradient,
});

function unary(kind: UnaryKind, x: Tensor): Tensor {
  return unaryOp([x], { kind })[0] as Tensor;
}

/** -x, for f32 tensors. */
export function neg(x: Tensor): Tensor {
  return unary('neg', x);
}

/** e^x, for f32 tensors. */
export function exp(x: Tensor): Tensor {
  return unary('exp', x);
}

/** Natural logarithm, for f32 tensors; log(0) = -inf. */
export function log(x: Tensor): Tensor {
  return unary('log', x);
}

/** Square root, for f32 tensors. */
export function sqrt(x: Tensor): Tensor {
  return unary('sqrt', x);
}

/** 1 / sqrt(x), for f32 tensors. */
export function rsqrt(x: Tensor): Tensor {
  return unary('rsqrt', x);
}

/** x^2, for f32 tensors. */
export function square(x: Tensor): Tensor {
  return unary('square', x);
}

/** 1 / x, for f32 tensors. */
export function reciprocal(x: Tensor): Tensor {
  return unary('reciprocal', x);
}

/** |x|, for f32 tensors; its gradient at 0 is 0. */
export function abs(x: Tensor): Tensor {
  return unary('abs', x);
}

/** 1 / (1 + e^-x), for f32 tensors, without overflow. */
export function sigmoid(x: Tensor): Tensor {
  return unary('sigmoid', x);
}

/** Hyperbolic tangent, for f32 tensors. */
export function tanh(x: Tensor): Tensor {
  return unary('tanh', x);
}

/** x * sigmoid(x), for f32 tensors. */
export function silu(x: Tensor): Tensor {
  return unary('silu', x);
}

/** max(x, 0), for f32 tensors; its gradient at 0 is 0. */
export function relu(x: Tensor): Tensor {
  return unary('relu', x);
}

/** ln(1 + e^x), for f32 tensors, without overflow. */
export function softplus(x: Tensor): Tensor {
  return unary('softplus', x);
}

/** Sine of an angle in radians, for f32 tensors. */
export function sin(x: Tensor): Tensor {
  return unary('sin', x);
}

/** Cosine of an angle in radians, for f32 tensors. */
export function cos(x: Tensor): Tensor {
  return unary('cos', x);
}
