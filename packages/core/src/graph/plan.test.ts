import { describe, expect, it } from 'vitest';
import { defineOp, f32 } from '../op.js';
import { add, mul } from '../ops/binary/op.js';
import { sum } from '../ops/reduce/op.js';
import { reshape } from '../ops/reshape/op.js';
import { exp, neg } from '../ops/unary/op.js';
import { Tensor } from '../tensor.js';
import { plan, storageBytes } from './plan.js';

const increment = defineOp<Record<string, never>>({
  name: 'test-increment',
  infer: ([x]) => [{ shape: x?.shape ?? [], dtype: 'f32' }],
  inPlace: [0],
  reference: ({ inputs, outputs }) => {
    const [x, y] = [f32(inputs[0]), f32(outputs[0])];
    for (let i = 0; i < y.length; i++) y[i] = (x[i] as number) + 1;
  },
  gradient: null,
});

function placeholder(index: number, shape: readonly number[] = [16]): Tensor {
  return new Tensor(shape, 'f32', { kind: 'placeholder', index });
}

function incremented(x: Tensor): Tensor {
  return increment([x], {})[0] as Tensor;
}

describe('plan', () => {
  it('reuses scratch memory as soon as a value is dead', () => {
    const x = placeholder(0);
    let y = x;
    for (let i = 0; i < 10; i++) y = neg(exp(y));
    const program = plan('chain', [x], [y], [false]);
    expect(program.steps).toHaveLength(20);
    expect(program.scratch).toEqual([64, 64]);
    expect(program.livenessBytes).toBe(128);
    expect(program.fresh).toEqual([64]);
  });

  it('counts what lives at once', () => {
    const x = placeholder(0);
    const parts = [exp(x), neg(x), mul(x, x)];
    const total = parts.reduce((a, b) => mul(a, b));
    const program = plan('fan', [x], [sum(total)], [false]);
    // The last product is live beside the last two of its operands.
    expect(program.livenessBytes).toBe(256);
    expect(program.scratchBytes).toBeGreaterThanOrEqual(program.livenessBytes);
  });

  it('takes over donated memory, and copies without donation', () => {
    const x = placeholder(0);
    const donated = plan('in place', [x], [incremented(x)], [true]);
    expect(donated.steps.map(({ op }) => op.name)).toEqual(['test-increment']);
    expect(donated.results[0]?.place).toEqual({ kind: 'input', index: 0 });
    expect(donated.fresh).toEqual([]);
    const y = placeholder(0);
    const borrowed = plan('in place', [y], [incremented(y)], [false]);
    expect(borrowed.steps.map(({ op }) => op.name)).toEqual(['copy', 'test-increment']);
    expect(borrowed.results[0]?.place.kind).toBe('output');
  });

  it('copies where the old value is still needed, also through a view', () => {
    const x = placeholder(0);
    const later = plan('later', [x], [incremented(x), exp(x)], [true]);
    // exp comes after the increment in creation order, so the increment must not touch x.
    expect(later.steps.map(({ op }) => op.name)).toEqual(['copy', 'test-increment', 'unary']);
    const y = placeholder(0);
    const view = reshape(y, [4, 4]);
    const changed = incremented(y);
    const program = plan('view', [y], [changed, sum(view)], [true]);
    expect(program.steps.map(({ op }) => op.name)).toEqual(['copy', 'test-increment', 'reduce']);
    const z = placeholder(0);
    const read = exp(z);
    const earlier = plan('earlier', [z], [read, incremented(z)], [true]);
    expect(earlier.steps.map(({ op }) => op.name)).toEqual(['unary', 'test-increment']);
  });

  it('updates intermediate values in place', () => {
    const x = placeholder(0);
    const program = plan('chain', [x], [neg(incremented(incremented(exp(x))))], [false]);
    expect(program.steps.map(({ op }) => op.name)).toEqual(['unary', 'test-increment', 'test-increment', 'unary']);
    expect(program.scratch).toHaveLength(1);
  });

  it('copies an operand that is passed twice', () => {
    const both = defineOp<Record<string, never>>({
      name: 'test-both',
      infer: ([x]) => [{ shape: x?.shape ?? [], dtype: 'f32' }],
      inPlace: [0],
      reference: () => undefined,
      gradient: null,
    });
    const x = placeholder(0);
    const program = plan('twice', [x], both([x, x], {}), [true]);
    expect(program.steps.map(({ op }) => op.name)).toEqual(['copy', 'test-both']);
  });

  it('gives every result memory of its own', () => {
    const [x, y] = [placeholder(0), placeholder(1)];
    const value = exp(x);
    const program = plan('results', [x, y], [value, value, reshape(value, [4, 4]), x, y, y], [false, true]);
    const places = program.results.map(({ place }) => `${place.kind} ${place.index}`);
    expect(new Set(places).size).toBe(6);
    expect(places.filter((place) => place.startsWith('input'))).toEqual(['input 1']);
  });

  it('rounds storage up to words', () => {
    expect(storageBytes({ shape: [3], dtype: 'f16' })).toBe(8);
    expect(storageBytes({ shape: [0], dtype: 'f32' })).toBe(4);
    expect(storageBytes({ shape: [], dtype: 'f32' })).toBe(4);
  });

  it('names a tensor that is not of this trace', () => {
    expect(() => plan('foreign', [], [add(placeholder(0), 1)], [])).toThrow('compile: a tensor of another trace was used');
  });
});
