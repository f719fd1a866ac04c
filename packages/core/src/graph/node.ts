import { DlaError } from '../errors.js';
import type { AnyOp, Attributes, TensorSpec } from '../op.js';
import { checkShape } from '../shape.js';
import { Tensor } from '../tensor.js';

/** One application of an op. Ids grow with creation, so creation order is a topological order. */
export interface OpNode {
  readonly id: number;
  readonly op: AnyOp;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  readonly outputs: readonly Tensor[];
}

let nextId = 1;

/** Add a node to the graph; nothing is computed. */
export function applyOp(op: AnyOp, inputs: readonly Tensor[], attributes: Attributes): readonly Tensor[] {
  for (const input of inputs)
    if (!(input instanceof Tensor)) throw new DlaError('argument', 'every input must be a Tensor', { where: op.name, found: typeof input });
  const specs: readonly TensorSpec[] = op.infer(inputs, attributes);
  const outputs: Tensor[] = [];
  const node: OpNode = { id: nextId++, op, inputs, attributes, outputs };
  specs.forEach((spec, index) => {
    checkShape(op.name, spec.shape);
    outputs.push(new Tensor(spec.shape, spec.dtype, { kind: 'op', node, index }));
  });
  return outputs;
}

/** The op nodes that `roots` depend on, in creation order. Stops at `leaves`. */
export function reachableNodes(roots: readonly Tensor[], leaves: ReadonlySet<Tensor> = new Set()): OpNode[] {
  const seen = new Set<OpNode>();
  const stack: Tensor[] = [...roots];
  while (stack.length > 0) {
    const tensor = stack.pop() as Tensor;
    if (leaves.has(tensor) || tensor.source.kind !== 'op') continue;
    const { node } = tensor.source;
    if (seen.has(node)) continue;
    seen.add(node);
    stack.push(...node.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}
