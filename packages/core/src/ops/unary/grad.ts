import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { add, div, mul, sub } from '../binary/op.js';
import { cast } from '../cast/op.js';
import { greater } from '../compare/op.js';
import { cos, neg, sigmoid, sin, square, type UnaryAttributes } from './op.js';

export function unaryGradient({ inputs, outputs, cotangents, attributes }: GradientCall<UnaryAttributes>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  if (d === null) return [null];
  return [chain(inputs[0] as Tensor, outputs[0] as Tensor, d, attributes)];
}

function chain(x: Tensor, y: Tensor, d: Tensor, { kind }: UnaryAttributes): Tensor {
  switch (kind) {
    case 'neg':
      return neg(d);
    case 'exp':
      return mul(d, y);
    case 'log':
      return div(d, x);
    case 'sqrt':
      return div(mul(d, 0.5), y);
    case 'rsqrt':
      return mul(mul(d, -0.5), div(y, x));
    case 'square':
      return mul(mul(d, 2), x);
    case 'reciprocal':
      return neg(mul(d, square(y)));
    case 'abs':
      return mul(d, sub(cast(greater(x, 0), 'f32'), cast(greater(neg(x), 0), 'f32')));
    case 'sigmoid':
      return mul(d, mul(y, sub(1, y)));
    case 'tanh':
      return mul(d, sub(1, square(y)));
    case 'silu': {
      // (x s)' = s + x s (1 - s) = s (1 + x (1 - s))
      const s = sigmoid(x);
      return mul(d, mul(s, add(1, mul(x, sub(1, s)))));
    }
    case 'relu':
      return mul(d, cast(greater(x, 0), 'f32'));
    case 'softplus':
      return mul(d, sigmoid(x));
    case 'sin':
      return mul(d, cos(x));
    case 'cos':
      return neg(mul(d, sin(x)));
  }
}
