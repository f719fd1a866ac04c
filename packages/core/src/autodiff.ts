import { DlaError } from './errors.js';
import { reachableNodes } from './graph/node.js';
import { add } from './ops/binary/op.js';
import { fill } from './ops/fill/op.js';
import { reshapeOp } from './ops/reshape/op.js';
import { formatShape, sameShape } from './shape.js';
import { Tensor } from './tensor.js';
import { flatten, type Tree, unflatten } from './tree.js';

/**
 * Reverse-mode gradients of a scalar (or of `output . seed`) with respect to `wrt`, as new nodes of the same graph.
 * Built from the ops' gradient rules alone. A tensor that the output does not depend on gets zeros.
 *
 * @param seed d loss / d output; ones by default, where output has one element
 */
export function gradients(output: Tensor, wrt: readonly Tensor[], seed?: Tensor): Tensor[] {
  if (seed === undefined && output.size !== 1)
    throw new DlaError('shape', 'the output must be a scalar', { where: 'grad', expected: '[]', found: formatShape(output.shape) });
  if (output.dtype !== 'f32') throw new DlaError('dtype', 'only f32 values are differentiable', { where: 'grad', found: output.dtype });
  if (seed !== undefined && !(seed.dtype === 'f32' && sameShape(seed.shape, output.shape)))
    throw new DlaError('shape', 'the seed differs from the output', {
      where: 'grad',
      expected: `f32${formatShape(output.shape)}`,
      found: `${seed.dtype}${formatShape(seed.shape)}`,
    });
  for (const leaf of wrt)
    if (leaf.dtype !== 'f32') throw new DlaError('dtype', 'can only differentiate with respect to f32 tensors', { where: 'grad', found: leaf.dtype });

  const leaves = new Set(wrt);
  const nodes = reachableNodes([output], leaves);
  const depends = new Set<Tensor>(wrt);
  for (const node of nodes)
    if (node.op.gradient !== null && node.inputs.some((input) => depends.has(input))) for (const result of node.outputs) depends.add(result);

  const cotangents = new Map<Tensor, Tensor>([[output, seed ?? fill(output.shape, 1)]]);
  for (const node of nodes.reverse()) {
    const incoming = node.outputs.map((result) => cotangents.get(result) ?? null);
    const needed = node.inputs.map((input) => depends.has(input));
    if (node.op.gradient === null || !needed.includes(true) || incoming.every((value) => value === null)) continue;
    const results = node.op.gradient({ inputs: node.inputs, outputs: node.outputs, cotangents: incoming, needed, attributes: node.attributes });
    node.inputs.forEach((input, index) => {
      const contribution = results[index] ?? null;
      if (contribution === null || !needed[index]) return;
      if (!sameShape(contribution.shape, input.shape))
        throw new DlaError('shape', 'gradient rule returned another shape', {
          where: node.op.name,
          expected: formatShape(input.shape),
          found: formatShape(contribution.shape),
        });
      const present = cotangents.get(input);
      cotangents.set(input, present === undefined ? contribution : add(present, contribution));
    });
  }
  return wrt.map((leaf) => cotangents.get(leaf) ?? fill(leaf.shape, 0));
}

function tensorLeaves(tree: Tree<Tensor>): Tensor[] {
  const { leaves } = flatten<Tensor>(tree);
  for (const leaf of leaves)
    if (!(leaf instanceof Tensor))
      throw new DlaError('argument', 'the first argument must be a tree of tensors', { where: 'grad', found: typeof leaf });
  return leaves;
}

/**
 * `valueAndGrad(fn)(params, ...rest)` is `[fn(params, ...rest), d fn / d params]`, the gradient a tree like `params`.
 *
 * @example
 * const [loss, gradient] = valueAndGrad((p: { w: Tensor }) => mean(square(p.w)))(params);
 */
export function valueAndGrad<P extends Tree<Tensor>, Rest extends readonly unknown[]>(
  fn: (params: P, ...rest: Rest) => Tensor,
): (params: P, ...rest: Rest) => [Tensor, P] {
  const withAux = valueAndGradWithAux((params: P, ...rest: Rest) => ({ loss: fn(params, ...rest), aux: null }));
  return (params, ...rest) => {
    const { loss, gradient } = withAux(params, ...rest);
    return [loss, gradient];
  };
}

/** Like {@link valueAndGrad} for a function that also returns values that are not differentiated. */
export function valueAndGradWithAux<P extends Tree<Tensor>, Rest extends readonly unknown[], Aux>(
  fn: (params: P, ...rest: Rest) => { loss: Tensor; aux: Aux },
): (params: P, ...rest: Rest) => { loss: Tensor; aux: Aux; gradient: P } {
  return (params, ...rest) => {
    const { structure } = flatten<Tensor>(params);
    // A tensor that stands at two places has a gradient at each: the second place gets a view.
    const seen = new Set<Tensor>();
    const leaves = tensorLeaves(params).map((leaf) => {
      if (seen.has(leaf)) return reshapeOp([leaf], { shape: leaf.shape })[0] as Tensor;
      seen.add(leaf);
      return leaf;
    });
    const { loss, aux } = fn(seen.size === leaves.length ? params : (unflatten(structure, leaves) as P), ...rest);
    return { loss, aux, gradient: unflatten(structure, gradients(loss, leaves)) as P };
  };
}

/** `grad(fn)(params, ...rest)`: the gradient alone. */
export function grad<P extends Tree<Tensor>, Rest extends readonly unknown[]>(
  fn: (params: P, ...rest: Rest) => Tensor,
): (params: P, ...rest: Rest) => P {
  const both = valueAndGrad(fn);
  return (params, ...rest) => both(params, ...rest)[1];
}
