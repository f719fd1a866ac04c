import type { DType, TypedArray } from './dtype.js';
import { DlaError } from './errors.js';
import { applyOp } from './graph/node.js';
import type { Shape } from './shape.js';
import type { Tensor } from './tensor.js';

/** What is known of a value before it is computed. */
export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Attributes are plain JSON data, known when a graph is traced: two nodes with equal attributes are the same computation. */
export type Attribute = string | number | boolean | null | readonly Attribute[] | { readonly [key: string]: Attribute };
export type Attributes = { readonly [key: string]: Attribute };

/** One dense array on the CPU device: `data` is a view of the device's memory, `pointer` its byte address there (0 where the array is not in WASM memory). */
export interface CpuValue {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: TypedArray;
  readonly pointer: number;
}

export interface CpuCall<A> {
  readonly inputs: readonly CpuValue[];
  /** Uninitialised: every element must be written. */
  readonly outputs: readonly CpuValue[];
  readonly attributes: A;
}

export interface GradientCall<A> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** d loss / d output, null where an output does not reach the loss. */
  readonly cotangents: readonly (Tensor | null)[];
  /** Which inputs a gradient is wanted for; rules may leave the others null. */
  readonly needed: readonly boolean[];
  readonly attributes: A;
}

/** One entry an input; null where the gradient is zero by definition (integers, masks). */
export type GradientRule<A> = (call: GradientCall<A>) => readonly (Tensor | null)[];

/**
 * The contract of an op: its shapes, a plain CPU reference, a gradient rule.
 * Faster forms (WASM, WebGPU) are looked up by `name`, or carried in `forms`.
 */
export interface OpDefinition<A extends Attributes> {
  /** The slug: also the name of the op's folder. */
  readonly name: string;
  /** Check the inputs and say what comes out. Throws a DlaError that starts with the op's name. */
  readonly infer: (inputs: readonly TensorSpec[], attributes: A) => readonly TensorSpec[];
  /** Plain loops in a stable form, float64 sums: written for reading, and the truth the other forms are tested against. */
  readonly reference: (call: CpuCall<A>) => void;
  /** `null`: a constant to the gradient (integer or decision outputs). For one that is merely not written: {@link refuseGradient}. */
  readonly gradient: GradientRule<A> | null;
  /** The output is the input's memory seen with another shape; nothing runs. */
  readonly view?: boolean;
  /**
   * In-place ops: for each output the index of the input whose memory it takes over, or null for memory of its own.
   * The planner inserts a copy where that input is still needed. `reference` sees both as the same array.
   */
  readonly inPlace?: readonly (number | null)[];
  /** A CPU form faster than the reference (plain typed-array code), same contract. */
  readonly fast?: (call: CpuCall<A>) => void;
  /** Forms for other devices by device kind, for ops defined outside core (their type is the device package's). */
  readonly forms?: { readonly [deviceKind: string]: unknown };
}

/** An op with its attribute type erased, as the graph and the devices see it. */
export type AnyOp = OpDefinition<Attributes>;

/** A defined op: call it to add a node to the graph. */
export interface DefinedOp<A extends Attributes> {
  (inputs: readonly Tensor[], attributes: A): readonly Tensor[];
  readonly definition: AnyOp;
}

/**
 * Define an op.
 *
 * @example
 * const double = defineOp({ name: 'double', infer: ([x]) => [x], reference: ({ inputs, outputs }) => { ... }, gradient: ({ cotangents: [d] }) => [mul(d, 2)] });
 * const [y] = double([x], {});
 */
export function defineOp<A extends Attributes>(definition: OpDefinition<A>): DefinedOp<A> {
  // The graph pairs every op with the attributes it was applied to, so the erased type is safe.
  const erased = definition as unknown as AnyOp;
  const apply = (inputs: readonly Tensor[], attributes: A): readonly Tensor[] => applyOp(erased, inputs, attributes);
  return Object.assign(apply, { definition: erased });
}

/** A rule for ops that depend smoothly on their inputs but have no gradient: an error, where null would give silent zeros. */
export function refuseGradient(where: string): GradientRule<unknown> {
  return () => {
    throw new DlaError('graph', 'has no gradient: build what is differentiated through it of plain ops', { where });
  };
}

/** The float32 view of a CPU value; the contract of the op guarantees its dtype. */
export function f32(value: CpuValue | undefined): Float32Array {
  return (value as CpuValue).data as Float32Array;
}

/** The integer view of an i32 value. */
export function i32(value: CpuValue | undefined): Int32Array {
  return (value as CpuValue).data as Int32Array;
}

/** The view of a u32 or bool value. */
export function u32(value: CpuValue | undefined): Uint32Array {
  return (value as CpuValue).data as Uint32Array;
}
