import { describe, expect, it } from 'vitest';
import { add, mul } from '../ops/binary/op.js';
import { fill } from '../ops/fill/op.js';
import { exp } from '../ops/unary/op.js';
import { tensor } from '../tensor.js';
import { simplify } from './simplify.js';

describe('simplify', () => {
  const x = tensor([1, 2]);

  it('merges equal expressions, whole chains of them', () => {
    const left = exp(add(x, 1));
    const right = exp(add(x, 1));
    const { nodes, resolve } = simplify([mul(left, right)]);
    expect(nodes.map(({ op }) => op.name)).toEqual(['binary', 'unary', 'binary']);
    expect(resolve(right)).toBe(left);
  });

  it('keeps what differs in attributes or operands', () => {
    expect(simplify([add(exp(x), exp(tensor([1, 2])))]).nodes).toHaveLength(3);
    expect(simplify([add(add(x, 1), add(x, 2))]).nodes).toHaveLength(3);
    const infinities = [fill([2], Infinity), fill([2], -Infinity), fill([2], Number.NaN), fill([2], 0), fill([2], -0)];
    expect(simplify(infinities).nodes).toHaveLength(5);
    expect(simplify([fill([2], Infinity), fill([2], Infinity)]).nodes).toHaveLength(1);
  });

  it('drops what no root needs', () => {
    const used = exp(x);
    mul(used, 3);
    expect(simplify([used]).nodes).toHaveLength(1);
    expect(simplify([x]).nodes).toHaveLength(0);
  });
});
