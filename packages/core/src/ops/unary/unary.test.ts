import { describe, expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { unaryCases } from './cases.js';
import { exp, type UnaryKind, unaryOp } from './op.js';

describeOp('unary', unaryCases);

describe('unary', () => {
  const values: readonly (readonly [UnaryKind, number, number])[] = [
    ['neg', 3, -3],
    ['exp', 1, Math.E],
    ['log', Math.E, 1],
    ['sqrt', 9, 3],
    ['rsqrt', 4, 0.5],
    ['square', -3, 9],
    ['reciprocal', 4, 0.25],
    ['abs', -2, 2],
    ['sigmoid', 0, 0.5],
    ['sigmoid', -200, 0],
    ['tanh', 0.5, 0.46211716],
    ['silu', 2, 1.7615942],
    ['silu', -200, 0],
    ['relu', -2, 0],
    ['relu', 2, 2],
    ['softplus', 0, Math.LN2],
    ['softplus', 200, 200],
    ['sin', Math.PI / 6, 0.5],
    ['cos', Math.PI / 3, 0.5],
  ];
  it.each(values)('%s(%d) is %d', async (kind, x, y) => {
    expect(await unaryOp([tensor(x)], { kind })[0]?.item()).toBeCloseTo(y, 6);
  });

  it('takes f32 alone', () => {
    expect(() => exp(tensor([1], { dtype: 'i32' }))).toThrow('exp: wrong dtype of x; expected f32; found i32');
  });
});
