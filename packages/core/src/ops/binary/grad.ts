import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { greater } from '../compare/op.js';
import { sumTo } from '../reduce/op.js';
import { neg } from '../unary/op.js';
import { where } from '../where/op.js';
import { type BinaryAttributes, div, mul } from './op.js';

export function binaryGradient({ inputs, outputs, cotangents, needed, attributes }: GradientCall<BinaryAttributes>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  const [a, b] = inputs as readonly [Tensor, Tensor];
  if (d === null || a.dtype !== 'f32') return [null, null];
  const [toA, toB] = partials(a, b, outputs[0] as Tensor, d, attributes);
  return [needed[0] === true ? sumTo(toA(), a.shape) : null, needed[1] === true ? sumTo(toB(), b.shape) : null];
}

function partials(a: Tensor, b: Tensor, y: Tensor, d: Tensor, { kind }: BinaryAttributes): readonly [() => Tensor, () => Tensor] {
  switch (kind) {
    case 'add':
      return [() => d, () => d];
    case 'sub':
      return [() => d, () => neg(d)];
    case 'mul':
      return [() => mul(d, b), () => mul(d, a)];
    case 'div':
      return [() => div(d, b), () => neg(mul(d, div(y, b)))];
    case 'max':
      return [() => where(greater(b, a), 0, d), () => where(greater(b, a), d, 0)];
    case 'min':
      return [() => where(greater(a, b), 0, d), () => where(greater(a, b), d, 0)];
  }
}
