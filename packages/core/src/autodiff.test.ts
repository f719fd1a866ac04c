import { describe, expect, it } from 'vitest';
import { grad, gradients, valueAndGrad, valueAndGradWithAux } from './autodiff.js';
import { simplify } from './graph/simplify.js';
import { defineOp } from './op.js';
import { add, mul } from './ops/binary/op.js';
import { cast } from './ops/cast/op.js';
import { greater } from './ops/compare/op.js';
import { matmul } from './ops/matmul/op.js';
import { max, mean, sum } from './ops/reduce/op.js';
import { rmsNorm } from './ops/rms-norm/op.js';
import { exp, sigmoid, sin, square, tanh } from './ops/unary/op.js';
import { type Tensor, tensor } from './tensor.js';
import { checkGradient } from './testing/check-gradient.js';
import { randomTensor } from './testing/random.js';

async function values(x: Tensor | undefined): Promise<number[]> {
  return [...((await x?.data()) ?? [])];
}

describe('gradients', () => {
  const x = tensor([1, 2, 3]);

  it('of what the output does not depend on are zeros', async () => {
    const unused = tensor([[1, 2]]);
    const [forX, forUnused] = gradients(sum(square(x)), [x, unused]);
    expect(await values(forX)).toEqual([2, 4, 6]);
    expect([forUnused?.shape, await values(forUnused)]).toEqual([
      [1, 2],
      [0, 0],
    ]);
  });

  it('add up over shared subexpressions and repeated operands', async () => {
    const shared = square(x);
    expect(await values(gradients(sum(add(mul(shared, shared), shared)), [x])[0])).toEqual([6, 36, 114]);
    expect(await values(gradients(sum(mul(x, x)), [x])[0])).toEqual([2, 4, 6]);
  });

  it('of the output itself are ones', async () => {
    const y = sum(x);
    expect(await values(gradients(y, [y])[0])).toEqual([1]);
  });

  it('take a seed for outputs that are no scalars', async () => {
    expect(await values(gradients(square(x), [x], tensor([1, 10, 100]))[0])).toEqual([2, 40, 600]);
    expect(() => gradients(square(x), [x])).toThrow('grad: the output must be a scalar; expected []; found [3]');
  });

  it('of intermediate values stop there', async () => {
    const middle = square(x);
    const [gradient] = gradients(sum(exp(mul(middle, 0))), [middle]);
    expect(await values(gradient)).toEqual([0, 0, 0]);
    expect(
      simplify([gradients(sum(middle), [middle])[0] as Tensor]).nodes.some(
        ({ op, attributes }) => op.name === 'unary' && attributes.kind === 'square',
      ),
    ).toBe(false);
  });

  it('are zero through decisions', async () => {
    const [gradient] = gradients(sum(mul(cast(greater(x, 1.5), 'f32'), x)), [x]);
    expect(await values(gradient)).toEqual([0, 1, 1]);
  });

  it('exist of gradients', async () => {
    const [first] = gradients(sum(mul(square(x), x)), [x]);
    const [second] = gradients(sum(first as Tensor), [x]);
    expect(await values(second)).toEqual([6, 12, 18]);
  });

  it('compute nothing that is not asked for', () => {
    const [a, b] = [randomTensor({ shape: [3, 4] }, 1), randomTensor({ shape: [4, 2] }, 2)];
    const [onlyB] = gradients(sum(matmul(a, b)), [b]);
    expect(simplify([onlyB as Tensor]).nodes.filter(({ op }) => op.name === 'matmul')).toHaveLength(1);
  });

  it('only exist of f32', () => {
    const integers = tensor([1], { dtype: 'i32' });
    expect(() => gradients(sum(x), [integers])).toThrow('grad: can only differentiate with respect to f32 tensors; found i32');
    expect(() => gradients(sum(integers), [x])).toThrow('grad: only f32 values are differentiable; found i32');
  });

  it('name a rule that returns another shape', () => {
    const wrong = defineOp<Record<string, never>>({
      name: 'test-wrong',
      infer: ([input]) => [{ shape: input?.shape ?? [], dtype: 'f32' }],
      reference: () => undefined,
      gradient: ({ cotangents }) => [sum(cotangents[0] as Tensor)],
    });
    expect(() => gradients(sum(wrong([x], {})[0] as Tensor), [x])).toThrow(
      'test-wrong: gradient rule returned another shape; expected [3]; found []',
    );
  });

  it('of a deep composition equal differences', async () => {
    await checkGradient(
      ([input, w, v]) => {
        const hidden = tanh(matmul(input as Tensor, w as Tensor));
        const gate = sigmoid(matmul(hidden, v as Tensor));
        return [mean(mul(gate, sin(hidden)), { axes: 0 }), sum(square(hidden), { axes: -1 })];
      },
      [randomTensor({ shape: [5, 3] }, 1), randomTensor({ shape: [3, 4] }, 2), randomTensor({ shape: [4, 4] }, 3)],
    );
  });

  it('that are wrong fail the check', async () => {
    const wrong = defineOp<Record<string, never>>({
      name: 'test-wrong',
      infer: ([input]) => [{ shape: input?.shape ?? [], dtype: 'f32' }],
      reference: ({ inputs, outputs }) => outputs[0]?.data.set(inputs[0]?.data ?? []),
      gradient: ({ cotangents }) => [mul(cotangents[0] as Tensor, 1.01)],
    });
    await expect(checkGradient(([input]) => wrong([input as Tensor], {}), [x])).rejects.toThrow(/^gradient of input 0 along a random direction: /);
  });
});

describe('gradients of gradients', () => {
  it('go through plain ops', async () => {
    const x = tensor([0.5, -2]);
    const slope = (p: Tensor): Tensor => sum(grad((q: Tensor) => sum(mul(square(q), q)))(p));
    expect(await values(grad(slope)(x))).toEqual([3, -12]);
    const peak = (p: Tensor): Tensor => sum(square(grad((q: Tensor) => max(square(q)))(p)));
    expect(await values(grad(peak)(x))).toEqual([0, -16]);
  });

  it('are refused, not zero, where a fused gradient has none', () => {
    const [x, w] = [tensor([1, 2]), tensor([1, 1])];
    const penalty = (p: Tensor): Tensor => sum(square(grad((q: Tensor) => sum(square(rmsNorm(q, w))))(p)));
    expect(() => grad(penalty)(x)).toThrow('rms-norm-grad: has no gradient');
  });

  it('want a seed like the output', () => {
    const x = tensor([1, 2]);
    expect(() => gradients(square(x), [x], tensor(1))).toThrow('grad: the seed differs from the output; expected f32[2]; found f32[]');
  });
});

describe('grad of functions of trees', () => {
  const params = { w: tensor([2]), layers: [tensor([3])] };
  const loss = (p: typeof params, x: Tensor): Tensor => sum(mul(mul(p.w, x), p.layers[0] as Tensor));

  it('returns trees like the first argument', async () => {
    const [value, gradient] = valueAndGrad(loss)(params, tensor([5]));
    expect(await value.item()).toBe(30);
    expect([await values(gradient.w), await values(gradient.layers[0])]).toEqual([[15], [10]]);
    expect(await values(grad(loss)(params, tensor([1])).w)).toEqual([3]);
  });

  it('gives each place of a tensor that stands at two its own gradient', async () => {
    const x = tensor([3]);
    const gradient = grad((p: { a: Tensor; b: Tensor }) => sum(mul(square(p.a), p.b)))({ a: x, b: x });
    expect([await values(gradient.a), await values(gradient.b)]).toEqual([[18], [9]]);
  });

  it('carries other values along', async () => {
    const out = valueAndGradWithAux((p: typeof params) => ({ loss: sum(p.w), aux: { seen: p.layers[0] as Tensor } }))(params);
    expect([await out.loss.item(), await values(out.aux.seen), await values(out.gradient.w)]).toEqual([2, [3], [1]]);
  });

  it('needs tensors', () => {
    expect(() => grad((p: { w: Tensor }) => sum(p.w))({ w: 3 as unknown as Tensor })).toThrow(
      'grad: the first argument must be a tree of tensors; found number',
    );
  });
});
