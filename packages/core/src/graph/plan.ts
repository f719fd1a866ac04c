import { bytesPerElement } from '../dtype.js';
import { DlaError } from '../errors.js';
import type { AnyOp, Attributes, TensorSpec } from '../op.js';
import { copyOp } from '../ops/copy/op.js';
import { sizeOf } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { simplify } from './simplify.js';

/** A place a value lives in while a program runs. */
export type Place =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'scratch'; readonly index: number }
  | { readonly kind: 'output'; readonly index: number };

export interface Operand extends TensorSpec {
  readonly place: Place;
}

/** One op application with its operands placed in memory. */
export interface Step {
  readonly op: AnyOp;
  readonly attributes: Attributes;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Operand[];
}

/** A flat, device-independent list of steps with every buffer decided. */
export interface Program {
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  /** Inputs that the program consumes. */
  readonly donated: readonly boolean[];
  readonly steps: readonly Step[];
  /** Bytes of each scratch buffer. */
  readonly scratch: readonly number[];
  /** Fresh buffers to allocate for each run, in bytes. */
  readonly fresh: readonly number[];
  /** Where each result lies: a fresh output buffer, or a donated input that was updated in place. */
  readonly results: readonly Operand[];
  /** The largest sum of bytes of intermediate values alive at one step: no plan without recomputation can use less. */
  readonly livenessBytes: number;
  readonly scratchBytes: number;
}

interface Storage {
  readonly bytes: number;
  readonly input: number | null;
  readonly writable: boolean;
  readonly tensors: Tensor[];
  readonly firstStep: number;
  lastStep: number;
  output: number | null;
  slot: number;
}

interface DraftStep {
  readonly op: AnyOp;
  readonly attributes: Attributes;
  readonly inputs: readonly { readonly spec: TensorSpec; readonly storage: Storage }[];
  readonly outputs: readonly { readonly spec: TensorSpec; readonly storage: Storage }[];
}

/** Bytes of a value in device memory (a multiple of 4, at least 4). */
export function storageBytes(spec: TensorSpec): number {
  return Math.max(4, Math.ceil((sizeOf(spec.shape) * bytesPerElement(spec.dtype)) / 4) * 4);
}

/**
 * Lay out the graph that computes `outputs` from `inputs`: dead code removed, common subexpressions merged, views
 * resolved, in-place ops given their input's memory where nobody needs it afterwards, scratch buffers shared by liveness.
 */
export function plan(name: string, inputs: readonly Tensor[], outputs: readonly Tensor[], donated: readonly boolean[]): Program {
  const draft = new Drafter(inputs, outputs, donated);
  draft.walk();
  return draft.finish(name);
}

class Drafter {
  readonly #inputs: readonly Tensor[];
  readonly #donated: readonly boolean[];
  readonly #graph: ReturnType<typeof simplify>;
  readonly #outputs: readonly Tensor[];
  readonly #storages: Storage[] = [];
  readonly #storageOf = new Map<Tensor, Storage>();
  readonly #lastUse = new Map<Tensor, number>();
  readonly #steps: DraftStep[] = [];

  constructor(inputs: readonly Tensor[], outputs: readonly Tensor[], donated: readonly boolean[]) {
    this.#inputs = inputs;
    this.#donated = donated;
    this.#graph = simplify(outputs);
    this.#outputs = outputs.map(this.#graph.resolve);
    this.#graph.nodes.forEach((node, position) => {
      for (const input of node.inputs) this.#lastUse.set(this.#graph.resolve(input), position);
    });
    for (const output of this.#outputs) this.#lastUse.set(output, Number.POSITIVE_INFINITY);
    inputs.forEach((input, index) => {
      const storage = this.#newStorage(input, index, donated[index] === true);
      this.#place(input, storage);
    });
  }

  #newStorage(spec: TensorSpec, input: number | null, writable: boolean): Storage {
    const step = this.#steps.length;
    const storage: Storage = { bytes: storageBytes(spec), input, writable, tensors: [], firstStep: step, lastStep: step, output: null, slot: -1 };
    this.#storages.push(storage);
    return storage;
  }

  #place(tensor: Tensor, storage: Storage): void {
    this.#storageOf.set(tensor, storage);
    storage.tensors.push(tensor);
  }

  #storage(tensor: Tensor): Storage {
    const storage = this.#storageOf.get(tensor);
    if (storage === undefined)
      throw new DlaError('graph', 'a tensor of another trace was used', {
        where: 'compile',
        found: String(tensor),
        expected: 'tensors made inside the function, its arguments, or tensors with a value',
      });
    return storage;
  }

  walk(): void {
    this.#graph.nodes.forEach((node, position) => {
      const inputs = node.inputs.map((input) => this.#graph.resolve(input));
      if (node.op.view === true) {
        this.#place(node.outputs[0] as Tensor, this.#storage(inputs[0] as Tensor));
        return;
      }
      const storages = inputs.map((input) => this.#storage(input));
      const outputs = node.outputs.map((output, index) => {
        const source = node.op.inPlace?.[index] ?? null;
        if (source === null) return this.#newStorage(output, null, true);
        return this.#takeOver(inputs, storages, source, position);
      });
      node.outputs.forEach((output, index) => {
        this.#place(output, outputs[index] as Storage);
      });
      this.#emit({
        op: node.op,
        attributes: node.attributes,
        inputs: inputs.map((spec, index) => ({ spec, storage: storages[index] as Storage })),
        outputs: node.outputs.map((spec, index) => ({ spec, storage: outputs[index] as Storage })),
      });
    });
  }

  #emit(step: DraftStep): void {
    const index = this.#steps.length;
    for (const operand of [...step.inputs, ...step.outputs]) operand.storage.lastStep = index;
    this.#steps.push(step);
  }

  #copy(spec: TensorSpec, from: Storage): Storage {
    const to = this.#newStorage(spec, null, true);
    this.#emit({ op: copyOp.definition, attributes: {}, inputs: [{ spec, storage: from }], outputs: [{ spec, storage: to }] });
    return to;
  }

  /** The storage of input `source`, or a copy of it where its value is still needed or must not be overwritten. */
  #takeOver(inputs: readonly Tensor[], storages: Storage[], source: number, position: number): Storage {
    const storage = storages[source] as Storage;
    const dies = storage.tensors.every((tensor) => (this.#lastUse.get(tensor) ?? -1) <= position);
    const alone = storages.every((other, index) => index === source || other !== storage);
    if (storage.writable && dies && alone) return storage;
    const copy = this.#copy(inputs[source] as Tensor, storage);
    storages[source] = copy;
    return copy;
  }

  finish(name: string): Program {
    const fresh: number[] = [];
    const taken = new Set<Storage>();
    const results = this.#outputs.map((output) => {
      let storage = this.#storage(output);
      if ((storage.input !== null && !storage.writable) || taken.has(storage)) storage = this.#copy(output, storage);
      taken.add(storage);
      if (storage.input === null) {
        storage.output = fresh.length;
        fresh.push(storage.bytes);
      }
      return { spec: output, storage };
    });
    const { scratch, livenessBytes } = this.#assignSlots();
    return {
      name,
      inputs: this.#inputs.map(({ shape, dtype }) => ({ shape, dtype })),
      donated: this.#inputs.map((_, index) => this.#donated[index] === true),
      steps: this.#steps.map((step) => ({
        op: step.op,
        attributes: step.attributes,
        inputs: step.inputs.map(operand),
        outputs: step.outputs.map(operand),
      })),
      scratch,
      fresh,
      results: results.map(operand),
      livenessBytes,
      scratchBytes: scratch.reduce((sum, bytes) => sum + bytes, 0),
    };
  }

  /** Greedy best fit over lifetimes, in the order of first use. */
  #assignSlots(): { scratch: number[]; livenessBytes: number } {
    const scratch: number[] = [];
    const free: number[] = [];
    const temporary = this.#storages.filter((storage) => storage.input === null && storage.output === null);
    const born = groupBy(temporary, (storage) => storage.firstStep);
    const dying = groupBy(temporary, (storage) => storage.lastStep);
    let live = 0;
    let livenessBytes = 0;
    for (let step = 0; step < this.#steps.length; step++) {
      for (const storage of born.get(step) ?? []) {
        storage.slot = pickSlot(scratch, free, storage.bytes);
        live += storage.bytes;
      }
      livenessBytes = Math.max(livenessBytes, live);
      for (const storage of dying.get(step) ?? []) {
        free.push(storage.slot);
        live -= storage.bytes;
      }
    }
    return { scratch, livenessBytes };
  }
}

function groupBy(storages: readonly Storage[], key: (storage: Storage) => number): Map<number, Storage[]> {
  const groups = new Map<number, Storage[]>();
  for (const storage of storages) {
    const group = groups.get(key(storage));
    if (group === undefined) groups.set(key(storage), [storage]);
    else group.push(storage);
  }
  return groups;
}

/** The smallest free slot that is large enough, else the largest free one enlarged, else a new one. */
function pickSlot(scratch: number[], free: number[], bytes: number): number {
  let best = -1;
  for (let index = 0; index < free.length; index++) {
    if (best < 0) {
      best = index;
      continue;
    }
    const size = scratch[free[index] as number] as number;
    const bestSize = scratch[free[best] as number] as number;
    if (bestSize < bytes ? size > bestSize : size >= bytes && size < bestSize) best = index;
  }
  if (best < 0) {
    scratch.push(bytes);
    return scratch.length - 1;
  }
  const [slot] = free.splice(best, 1) as [number];
  scratch[slot] = Math.max(scratch[slot] as number, bytes);
  return slot;
}

function operand({ spec, storage }: { readonly spec: TensorSpec; readonly storage: Storage }): Operand {
  const place: Place =
    storage.input !== null
      ? { kind: 'input', index: storage.input }
      : storage.output !== null
        ? { kind: 'output', index: storage.output }
        : { kind: 'scratch', index: storage.slot };
  return { shape: spec.shape, dtype: spec.dtype, place };
}
