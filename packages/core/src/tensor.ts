import type { DeviceBuffer } from './backend/backend.js';
import { allocate, type DType, type TypedArray } from './dtype.js';
import { DlaError } from './errors.js';
import type { OpNode } from './graph/node.js';
import { checkShape, formatShape, type Shape, sizeOf } from './shape.js';

/** Where a tensor's value comes from. */
export type Source =
  | { readonly kind: 'op'; readonly node: OpNode; readonly index: number }
  | { readonly kind: 'host'; readonly data: TypedArray }
  | { readonly kind: 'device'; readonly buffer: DeviceBuffer }
  | { readonly kind: 'placeholder'; readonly index: number }
  | { readonly kind: 'disposed' };

const forgotten = new FinalizationRegistry<DeviceBuffer>((buffer) => buffer.device.release(buffer));

type Evaluator = (tensors: readonly Tensor[]) => Promise<void>;

let evaluator: Evaluator = () => {
  throw new DlaError('graph', 'a lazy tensor needs graph/evaluate.js to be loaded', { where: 'Tensor.data' });
};

/** Internal: how lazy tensors are computed. `graph/evaluate.ts` sets it, since the graph is built on this file. */
export function setEvaluator(evaluate: Evaluator): void {
  evaluator = evaluate;
}

/**
 * An immutable handle on a node of a lazily built graph. Nothing runs until {@link Tensor.data} is awaited or a
 * compiled function is called. Device memory is returned by {@link Tensor.dispose} (or, late, by the garbage collector).
 */
export class Tensor {
  readonly shape: Shape;
  readonly dtype: DType;
  #source: Source;

  constructor(shape: Shape, dtype: DType, source: Source) {
    this.shape = shape;
    this.dtype = dtype;
    this.#source = source;
    if (source.kind === 'device') forgotten.register(this, source.buffer, this);
  }

  get source(): Source {
    return this.#source;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /**
   * The value as a fresh typed array (f32: Float32Array, i32: Int32Array, u32 and bool: Uint32Array, f16: Uint16Array bits).
   * A lazy tensor is computed on the default device first.
   *
   * @throws DlaError `disposed` if the tensor was disposed or donated, `graph` if it is a placeholder of a trace.
   */
  async data(): Promise<TypedArray> {
    if (this.#source.kind === 'op') await evaluator([this]);
    const source = this.#source;
    switch (source.kind) {
      case 'host':
        return source.data.slice();
      case 'device':
        return source.buffer.device.read(source.buffer, this);
      case 'disposed':
        throw disposedError();
      case 'placeholder':
      case 'op':
        throw new DlaError('graph', 'a traced tensor has no value yet: return it from the compiled function and read it there', {
          where: 'Tensor.data',
        });
    }
  }

  /** The only element of a tensor of size one. */
  async item(): Promise<number> {
    if (this.size !== 1) throw new DlaError('shape', 'item() needs exactly one element', { where: 'Tensor.item', found: formatShape(this.shape) });
    return (await this.data())[0] as number;
  }

  /** Give device memory back. Host and lazy tensors have none; disposing twice is harmless. */
  dispose(): void {
    const source = this.#source;
    if (source.kind === 'device') {
      forgotten.unregister(this);
      source.buffer.device.release(source.buffer);
    }
    if (source.kind === 'device' || source.kind === 'host') this.#source = { kind: 'disposed' };
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Internal: a lazy tensor has been computed. */
  settle(source: Source): void {
    this.#source = source;
    if (source.kind === 'device') forgotten.register(this, source.buffer, this);
  }

  /** Internal: hand the buffer over to a compiled function; the tensor is disposed without releasing it. */
  takeBuffer(): DeviceBuffer {
    const source = this.#source;
    if (source.kind !== 'device') throw disposedError();
    forgotten.unregister(this);
    this.#source = { kind: 'disposed' };
    return source.buffer;
  }

  toString(): string {
    return `Tensor(${this.dtype}${formatShape(this.shape)})`;
  }
}

export function disposedError(): DlaError {
  return new DlaError('disposed', 'the tensor was disposed, or donated to a compiled function', { where: 'Tensor' });
}

type NestedNumbers = number | readonly NestedNumbers[];

/**
 * A tensor from numbers, nested arrays or a typed array (which is not copied: do not change it afterwards).
 *
 * @param values number, nested arrays, or a typed array together with `shape`
 * @param options.shape defaults to the nesting; @param options.dtype defaults to f32, or to the typed array's type
 */
export function tensor(values: NestedNumbers | TypedArray, options: { shape?: Shape; dtype?: DType } = {}): Tensor {
  if (ArrayBuffer.isView(values)) return fromTypedArray(values, options);
  const shape: number[] = [];
  for (let level: NestedNumbers = values; typeof level !== 'number'; level = level[0] as NestedNumbers) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const flat: number[] = [];
  flatten(values, shape, 0, flat);
  const dtype = options.dtype ?? 'f32';
  if (dtype === 'f16') throw new DlaError('dtype', 'f16 is a storage type: give its bits as a Uint16Array, or cast', { where: 'tensor' });
  const data = allocate(dtype, flat.length);
  data.set(flat);
  return fromTypedArray(data, { shape: options.shape ?? shape, dtype });
}

function flatten(values: NestedNumbers, shape: readonly number[], depth: number, out: number[]): void {
  if (typeof values === 'number') {
    if (depth !== shape.length) throw new DlaError('shape', 'nested arrays are ragged', { where: 'tensor' });
    out.push(values);
    return;
  }
  if (values.length !== shape[depth])
    throw new DlaError('shape', 'nested arrays are ragged', { where: 'tensor', expected: String(shape[depth]), found: String(values.length) });
  for (const value of values) flatten(value, shape, depth + 1, out);
}

function naturalDType(data: TypedArray): DType {
  if (data instanceof Float32Array) return 'f32';
  if (data instanceof Int32Array) return 'i32';
  if (data instanceof Uint32Array) return 'u32';
  if (data instanceof Uint16Array) return 'f16';
  throw new DlaError('dtype', 'no dtype for this array', {
    where: 'tensor',
    expected: 'a Float32Array, Int32Array, Uint32Array or Uint16Array (f16 bits)',
    found: Object.prototype.toString.call(data),
  });
}

function fromTypedArray(data: TypedArray, options: { shape?: Shape; dtype?: DType }): Tensor {
  const natural = naturalDType(data);
  const dtype = options.dtype ?? natural;
  if (dtype !== natural && !(dtype === 'bool' && natural === 'u32'))
    throw new DlaError('dtype', 'typed array and dtype differ', { where: 'tensor', expected: natural, found: dtype });
  const shape = options.shape ?? [data.length];
  checkShape('tensor', shape);
  if (sizeOf(shape) !== data.length)
    throw new DlaError('shape', 'data length does not match the shape', {
      where: 'tensor',
      expected: `${sizeOf(shape)} elements for ${formatShape(shape)}`,
      found: String(data.length),
    });
  return new Tensor(shape, dtype, { kind: 'host', data });
}
