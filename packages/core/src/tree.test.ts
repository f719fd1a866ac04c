import { describe, expect, expectTypeOf, it } from 'vitest';
import { isDlaError } from './errors.js';
import { flatten, isLeaf, mapTree, type Tree, unflatten, zipTrees } from './tree.js';

class Box {
  constructor(readonly value: number) {}
}

const sample = {
  layers: [
    { norm: { weight: new Box(1) }, bias: new Box(2) },
    { norm: { weight: new Box(3) }, bias: new Box(4) },
  ],
  embedding: new Box(0),
};

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isDlaError(error)) return `${error.code} ${error.message}`;
    throw error;
  }
  throw new Error('did not throw');
}

describe('flatten and unflatten', () => {
  it('gives leaves, paths and a structure that rebuilds the tree', () => {
    const { leaves, paths, structure } = flatten<Box>(sample);
    expect(paths).toEqual(['embedding', 'layers.0.bias', 'layers.0.norm.weight', 'layers.1.bias', 'layers.1.norm.weight']);
    expect(leaves.map((leaf) => leaf.value)).toEqual([0, 2, 1, 4, 3]);
    expect(unflatten(structure, leaves)).toEqual(sample);
  });

  it('does not depend on the order keys were written in', () => {
    expect(flatten<number>({ b: 1, a: 2, 10: 3, 9: 4 }).paths).toEqual(['10', '9', 'a', 'b']);
    expect(flatten<number>({ a: 2, 9: 4, b: 1, 10: 3 })).toEqual(flatten<number>({ b: 1, a: 2, 10: 3, 9: 4 }));
  });

  it('takes one leaf, null, undefined, empty branches and null-prototype objects', () => {
    expect(flatten<number>(7)).toEqual({ leaves: [7], paths: [''], structure: { kind: 'leaf' } });
    expect(flatten<unknown>({ a: null, b: undefined, c: [], d: {} }).paths).toEqual(['a', 'b']);
    const bare = Object.assign(Object.create(null), { x: 1 }) as { x: number };
    expect(flatten<number>(bare).paths).toEqual(['x']);
    const { structure, leaves } = flatten<unknown>({ c: [], d: {}, a: [null] });
    expect(unflatten(structure, leaves)).toEqual({ c: [], d: {}, a: [null] });
  });

  it('typed arrays, dates and maps are leaves', () => {
    for (const value of [new Float32Array(2), new Date(0), new Map(), () => 1, 'text', 1n]) expect(isLeaf(value)).toBe(true);
  });

  it('takes a leaf test of the caller', () => {
    const isPair = (value: unknown): boolean => Array.isArray(value) && value.length === 2;
    expect(flatten<readonly number[]>({ a: [1, 2], b: [[3, 4]] }, isPair).paths).toEqual(['a', 'b.0']);
  });

  it('refuses __proto__, empty and dotted keys, cycles and wrong leaf counts', () => {
    expect(failure(() => flatten<unknown>(JSON.parse('{"a":{"__proto__":{"polluted":1}}}')))).toMatch(/^argument flatten: .*"__proto__" in a$/);
    expect(failure(() => flatten({ 'a.b': 1 }))).toMatch(/"a\.b" in the root/);
    expect(failure(() => flatten({ x: { '': 1 } }))).toMatch(/"" in x/);
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(failure(() => flatten(cycle as Tree<number>))).toMatch(/too deep, or holds itself/);
    const { structure } = flatten<Box>(sample);
    expect(failure(() => unflatten(structure, [1, 2]))).toBe('argument unflatten: wrong number of leaves; expected 5; found 2');
    expect(failure(() => unflatten(structure, [1, 2, 3, 4, 5, 6]))).toMatch(/expected 5; found 6/);
  });

  it('`constructor` and `toString` are ordinary keys and pollute nothing', () => {
    const tree = { constructor: 1, toString: 2 } as unknown as Tree<number>;
    const { structure, leaves } = flatten<number>(tree);
    const copy = unflatten(structure, leaves) as Record<string, number>;
    expect(Object.keys(copy)).toEqual(['constructor', 'toString']);
    expect({}.constructor).toBe(Object);
  });
});

describe('mapTree and zipTrees', () => {
  it('keep the structure and pass paths', () => {
    const seen: string[] = [];
    const doubled = mapTree(sample, (leaf: Box, path) => {
      seen.push(path);
      return leaf.value * 2;
    });
    expect(doubled).toEqual({
      layers: [
        { norm: { weight: 2 }, bias: 4 },
        { norm: { weight: 6 }, bias: 8 },
      ],
      embedding: 0,
    });
    expect(seen).toEqual(flatten<Box>(sample).paths);
    expectTypeOf(doubled).toEqualTypeOf<{ layers: { norm: { weight: number }; bias: number }[]; embedding: number }>();
  });

  it('zipTrees combines any number of trees', () => {
    const numbers = { a: 1, b: [2, 3] };
    const words = { b: ['y', 'z'], a: 'x' };
    const joined = zipTrees([numbers, words, numbers], ([n, w, m]: [number, string, number], path) => `${path}${n}${w}${m}`);
    expect(joined).toEqual({ a: 'a1x1', b: ['b.02y2', 'b.13z3'] });
    expectTypeOf(joined).toEqualTypeOf<{ a: string; b: string[] }>();
  });

  it('zipTrees names the first difference', () => {
    const add = ([x, y]: [number, number]): number => x + y;
    expect(
      failure(() =>
        zipTrees(
          [
            { a: 1, b: [1, 2] },
            { a: 1, b: [1] },
          ],
          add,
        ),
      ),
    ).toMatch(/^argument zipTrees: tree 1 has another structure than tree 0; .*at b\.1$/);
    expect(failure(() => zipTrees([{ a: 1 } as Tree<number>, { c: 1 }], add))).toMatch(/at a$/);
    expect(failure(() => zipTrees([{ a: 1 } as Tree<number>, { a: [1] }], add))).toMatch(/at a$/);
    expect(failure(() => zipTrees([1 as Tree<number>, []], add))).toMatch(/at the root$/);
  });
});
