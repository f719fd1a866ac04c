import { DlaError } from './errors.js';

/**
 * Nested plain objects and arrays with leaves at their ends. Every value that is no array and no plain object (a class
 * instance such as a tensor, a number, null) is a leaf.
 */
export type Tree<Leaf> = Leaf | readonly Tree<Leaf>[] | { readonly [key: string]: Tree<Leaf> };

/** The type of `P` with each leaf of type `From` replaced by `To`. */
export type MapLeaves<P, From, To> = unknown extends From
  ? Tree<To>
  : Tree<From> extends P
    ? Tree<To>
    : P extends From
      ? To
      : { [K in keyof P]: MapLeaves<P[K], From, To> };

/** The shape of a tree without its leaves. */
export type TreeStructure =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'array'; readonly items: readonly TreeStructure[] }
  | { readonly kind: 'object'; readonly keys: readonly string[]; readonly items: readonly TreeStructure[] };

export interface Flattened<Leaf> {
  /** Depth first; array items by index, object keys in UTF-16 order, whatever order they were written in. */
  readonly leaves: Leaf[];
  /** `layers.0.norm.weight` for each leaf; a tree that is one leaf has the path ''. */
  readonly paths: string[];
  readonly structure: TreeStructure;
}

const LEAF: TreeStructure = { kind: 'leaf' };
const MAX_DEPTH = 32;

/** True for everything but arrays and objects made by `{}` or `Object.create(null)`. */
export function isLeaf(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== null;
}

/**
 * Leaves, their paths and the structure that {@link unflatten} puts them back into.
 *
 * @param leafTest which values end a branch; {@link isLeaf} by default. Values that it refuses must be arrays or objects.
 * @throws DlaError `argument` for a key that is `__proto__`, empty or holds a dot (paths would be ambiguous), and for
 * more than 32 levels (a cycle, most likely).
 */
export function flatten<Leaf>(tree: Tree<Leaf>, leafTest: (value: unknown) => boolean = isLeaf): Flattened<Leaf> {
  const leaves: Leaf[] = [];
  const paths: string[] = [];
  const visit = (value: unknown, path: string, depth: number): TreeStructure => {
    if (leafTest(value)) {
      leaves.push(value as Leaf);
      paths.push(path);
      return LEAF;
    }
    if (depth >= MAX_DEPTH)
      throw new DlaError('argument', 'the tree is too deep, or holds itself', {
        where: 'flatten',
        expected: `at most ${MAX_DEPTH} levels`,
        found: path,
      });
    const prefix = path === '' ? '' : `${path}.`;
    if (Array.isArray(value)) return { kind: 'array', items: Array.from(value, (item, index) => visit(item, `${prefix}${index}`, depth + 1)) };
    const branch = value as Readonly<Record<string, unknown>>;
    const keys = Object.keys(branch).sort();
    return {
      kind: 'object',
      keys,
      items: keys.map((key) => {
        checkKey(key, path);
        return visit(branch[key], prefix + key, depth + 1);
      }),
    };
  };
  return { structure: visit(tree, '', 0), leaves, paths };
}

function checkKey(key: string, path: string): void {
  if (key === '__proto__' || key === '' || key.includes('.'))
    throw new DlaError('argument', 'a key cannot be part of a path', {
      where: 'flatten',
      expected: 'no __proto__, no empty key, no dot',
      found: `${JSON.stringify(key)} in ${path === '' ? 'the root' : path}`,
    });
}

/**
 * The tree of `structure` over new leaves, in the order of {@link flatten}.
 *
 * @throws DlaError `argument` if the number of leaves differs from the structure's.
 */
export function unflatten<Leaf>(structure: TreeStructure, leaves: readonly Leaf[]): Tree<Leaf> {
  let next = 0;
  const build = (part: TreeStructure): Tree<Leaf> => {
    switch (part.kind) {
      case 'leaf':
        return leaves[next++] as Leaf;
      case 'array':
        return part.items.map(build);
      case 'object': {
        const branch: Record<string, Tree<Leaf>> = {};
        part.keys.forEach((key, index) => {
          branch[key] = build(part.items[index] as TreeStructure);
        });
        return branch;
      }
    }
  };
  const tree = build(structure);
  if (next !== leaves.length)
    throw new DlaError('argument', 'wrong number of leaves', { where: 'unflatten', expected: String(next), found: String(leaves.length) });
  return tree;
}

/**
 * A tree of the same structure with `fn(leaf, path)` at each leaf. Annotate the leaf's type and the result keeps the
 * tree's exact type.
 *
 * @example
 * const shapes = mapTree(params, (leaf: Tensor) => leaf.shape);
 */
export function mapTree<From, To, P extends Tree<From>>(tree: P, fn: (leaf: From, path: string) => To): MapLeaves<P, From, To> {
  const { leaves, paths, structure } = flatten<From>(tree);
  return unflatten(
    structure,
    leaves.map((leaf, index) => fn(leaf, paths[index] as string)),
  ) as MapLeaves<P, From, To>;
}

/** Trees over the leaf types of a tuple. */
type Trees<Leaves extends readonly unknown[]> = { readonly [K in keyof Leaves]: Tree<Leaves[K]> };

/**
 * `fn([leaf of each tree], path)` over trees of equal structure; the result has the structure of the first.
 *
 * @throws DlaError `argument` that names the first path at which a tree differs from the first tree.
 * @example
 * const next = zipTrees([params, updates], ([value, update]: [Tensor, Tensor]) => add(value, update));
 */
export function zipTrees<First, Rest extends readonly unknown[], To, P extends Tree<First>>(
  trees: readonly [P, ...Trees<Rest>],
  fn: (leaves: [First, ...Rest], path: string) => To,
): MapLeaves<P, First, To> {
  const flat = trees.map((tree) => flatten<unknown>(tree as Tree<unknown>));
  const [first] = flat as [Flattened<unknown>, ...Flattened<unknown>[]];
  flat.forEach((other, index) => {
    const difference = structureDifference(first.structure, other.structure, '');
    if (difference !== undefined)
      throw new DlaError('argument', `tree ${index} has another structure than tree 0`, {
        where: 'zipTrees',
        expected: 'equal keys and lengths',
        found: `a difference at ${difference}`,
      });
  });
  const results = first.paths.map((path, leaf) => fn(flat.map(({ leaves }) => leaves[leaf]) as [First, ...Rest], path));
  return unflatten(first.structure, results) as MapLeaves<P, First, To>;
}

/** Path of the first difference, undefined if there is none. */
function structureDifference(a: TreeStructure, b: TreeStructure, path: string): string | undefined {
  const here = path === '' ? 'the root' : path;
  if (a.kind !== b.kind) return here;
  if (a.kind === 'leaf' || b.kind === 'leaf') return undefined;
  const names = (part: typeof a): readonly string[] => (part.kind === 'object' ? part.keys : part.items.map((_, index) => String(index)));
  const [mine, theirs] = [names(a), names(b)];
  const prefix = path === '' ? '' : `${path}.`;
  for (let index = 0; index < Math.max(mine.length, theirs.length); index++) {
    const name = mine[index] ?? (theirs[index] as string);
    if (mine[index] !== theirs[index]) return prefix + name;
    const difference = structureDifference(a.items[index] as TreeStructure, b.items[index] as TreeStructure, prefix + name);
    if (difference !== undefined) return difference;
  }
  return undefined;
}
