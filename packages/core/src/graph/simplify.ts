import type { Tensor } from '../tensor.js';
import { type OpNode, reachableNodes } from './node.js';

/** What is left of a graph: nodes in topological order, and the tensor that stands for each tensor. */
export interface SimplifiedGraph {
  readonly nodes: readonly OpNode[];
  /** Resolve a tensor of the original graph to the one that is computed. */
  readonly resolve: (tensor: Tensor) => Tensor;
}

/** Remove dead nodes (not reachable from `roots`) and merge nodes that compute the same thing (same op, attributes and inputs). */
export function simplify(roots: readonly Tensor[]): SimplifiedGraph {
  const replacement = new Map<Tensor, Tensor>();
  const resolve = (tensor: Tensor): Tensor => replacement.get(tensor) ?? tensor;
  const ids = new Map<Tensor, number>();
  const idOf = (tensor: Tensor): number => {
    let id = ids.get(tensor);
    if (id === undefined) {
      id = ids.size;
      ids.set(tensor, id);
    }
    return id;
  };
  const seen = new Map<string, OpNode>();
  const opIds = new Map<object, number>();
  const nodes: OpNode[] = [];
  for (const node of reachableNodes(roots)) {
    let opId = opIds.get(node.op);
    if (opId === undefined) {
      opId = opIds.size;
      opIds.set(node.op, opId);
    }
    const key = `${opId}|${node.inputs.map((input) => idOf(resolve(input))).join(',')}|${JSON.stringify(node.attributes, exactNumbers)}`;
    const twin = seen.get(key);
    if (twin === undefined) {
      seen.set(key, node);
      nodes.push(node);
    } else {
      node.outputs.forEach((output, index) => {
        replacement.set(output, twin.outputs[index] as Tensor);
      });
    }
  }
  return { nodes, resolve };
}

/** JSON has one spelling for infinities and NaN (null) and for the two zeros; different values must not merge. */
function exactNumbers(_: string, value: unknown): unknown {
  return typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)) ? `number ${Object.is(value, -0) ? '-0' : value}` : value;
}
