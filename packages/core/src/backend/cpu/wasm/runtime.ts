import type { DType, TypedArray } from '../../../dtype.js';
import { viewOf } from '../../../dtype.js';
import { DlaError } from '../../../errors.js';
import { Allocator } from './allocator.js';
import { type ConvCall, type ConvGradCall, conv, convGrad } from './conv.js';
import type { AdamwCall, BinaryCall } from './elementwise.js';
import { adamw, binary, sumColumns, sumRows, transpose, unary } from './elementwise.js';
import { sharedKernels, unsharedKernels } from './generated/kernels.js';
import type { WasmUnaryKind } from './kernel-table.js';
import { heapStart } from './layout.js';
import type { MatmulCall } from './matmul.js';
import { matmul } from './matmul.js';
import { canShareMemory, createMemory, growMemory } from './memory.js';
import { type CopyRowsCall, copyRows, type PadRowsCall, padRows } from './moves.js';
import { Pool } from './pool.js';
import { type CrossEntropyGradCall, crossEntropyGrad, expSum, type NormCall, type NormGradCall, rmsNorm, rmsNormGrad, softmax } from './rows.js';
import { hardwareThreads } from './worker-host.js';

export type { AdamwCall, BinaryCall } from './elementwise.js';
export type { WasmBinaryKind, WasmUnaryKind } from './kernel-table.js';
export type { MatmulCall } from './matmul.js';

export interface WasmRuntimeOptions {
  /** Threads that compute, the calling one included. Default: the processors, at most 8. 1 where memory cannot be shared. */
  readonly threads?: number;
  /** Upper bound of the memory, at most 4 GiB (default). */
  readonly maximumBytes?: number;
  /** Share the memory (default where the engine can). Unshared memory means one thread and views that detach on growth. */
  readonly shared?: boolean;
}

/** The memory and the fast kernels of the CPU device. */
export interface WasmRuntime {
  readonly memory: WebAssembly.Memory;
  /** Threads that compute, the calling one included. */
  readonly threads: number;
  /** Rises whenever growth detached every view handed out so far; stays 0 for shared memory, whose views never detach. */
  readonly generation: number;
  /**
   * A pointer to `bytes` bytes (0 allowed), 64-byte aligned, contents undefined; grows the memory when needed.
   * Throws an `out-of-memory` error that says the bytes asked for, the bytes live and the limit.
   */
  allocate(bytes: number): number;
  /** Gives back a pointer of {@link allocate}; throws an `argument` error for any other number. */
  free(pointer: number): void;
  /** A typed array over the memory, no copy; `length` counts elements. Ask again when {@link generation} has changed. */
  view(dtype: DType, pointer: number, length: number): TypedArray;
  /** c = op(a) op(b), see {@link MatmulCall}; bits do not depend on the number of threads. */
  matmul(call: MatmulCall): void;
  /** y = f(x) of `length` f32 elements; y may be x. exp, log, sigmoid, tanh, silu and softplus are within 3 units in the last place (silu below -87: 1.5e-43). */
  unary(kind: WasmUnaryKind, x: number, y: number, length: number): void;
  /** c = a o b with broadcasting of rows, columns and scalars, see {@link BinaryCall}; one rounding, so the bits of plain code. */
  binary(call: BinaryCall): void;
  /** y[rows] = sums of x [rows, columns] along rows, in float64 and rounded once. */
  sumRows(x: number, y: number, rows: number, columns: number): void;
  /** y [batch, columns] = sums of x [batch, rows, columns] over rows, in float64, in order, rounded once. */
  sumColumns(x: number, y: number, batch: number, rows: number, columns: number): void;
  /** y [batch, columns, rows, inner] = x [batch, rows, columns, inner] of any 4-byte elements; y is not x. */
  transpose(x: number, y: number, batch: number, rows: number, columns: number, inner: number): void;
  /** One AdamW step, the bits of the op's reference. */
  adamw(call: AdamwCall): void;
  /** RMS norm of rows, of x silu(z) with a gate z, see {@link NormCall}. Nothing here and below depends on the number of threads. */
  rmsNorm(call: NormCall): void;
  rmsNormGrad(call: NormGradCall): void;
  /** y = softmax of the rows of x [rows, width]. */
  softmax(x: number, y: number, rows: number, width: number): void;
  /** Of each row of x [rows, width] the largest element and the sum of e^(x - largest). */
  expSum(x: number, largest: number, sum: number, rows: number, width: number): void;
  crossEntropyGrad(call: CrossEntropyGradCall): void;
  /** Causal convolution along time, see {@link ConvCall}; the new state is not written. */
  conv(call: ConvCall): void;
  convGrad(call: ConvGradCall): void;
  copyRows(call: CopyRowsCall): void;
  padRows(call: PadRowsCall): void;
  /** Bytes in live allocations (each rounded up to 64), their peak, and the number of calls of {@link allocate} so far. */
  stats(): { liveBytes: number; peakBytes: number; allocations: number };
  /** Ends the worker threads; every later call but `stats` throws a `disposed` error. */
  dispose(): void;
}

const mostThreads = 8;
const mostBytes = 2 ** 32;
const firstHeapBytes = 1 << 20;
const where = 'WasmRuntime';

/**
 * Compiles the kernels, reserves memory and starts the workers.
 *
 * @example
 * const runtime = await createWasmRuntime({ threads: 2 });
 * const c = runtime.allocate(4 * 512 * 512);
 */
export async function createWasmRuntime(options: WasmRuntimeOptions = {}): Promise<WasmRuntime> {
  const asked = options.threads ?? Math.min(mostThreads, hardwareThreads());
  if (!Number.isInteger(asked) || asked < 1)
    throw new DlaError('argument', 'bad number of threads', {
      where: 'createWasmRuntime',
      expected: 'an integer of at least 1',
      found: String(asked),
    });
  const shared = options.shared ?? canShareMemory();
  const threads = shared ? asked : 1;
  const start = heapStart(threads);
  const { memory, limitBytes } = createMemory(start + firstHeapBytes, options.maximumBytes ?? mostBytes, shared);
  const module = await WebAssembly.compile(decode(shared ? sharedKernels : unsharedKernels));
  return new Runtime(memory, limitBytes, await Pool.create(module, memory, threads), start);
}

function decode(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

class Runtime implements WasmRuntime {
  readonly memory: WebAssembly.Memory;
  readonly threads: number;
  readonly #limitBytes: number;
  readonly #pool: Pool;
  readonly #allocator: Allocator;
  #generation = 0;
  #disposed = false;

  constructor(memory: WebAssembly.Memory, limitBytes: number, pool: Pool, heap: number) {
    this.memory = memory;
    this.threads = pool.threads;
    this.#limitBytes = limitBytes;
    this.#pool = pool;
    this.#allocator = new Allocator(where, heap);
    this.#allocator.extend(memory.buffer.byteLength);
  }

  get generation(): number {
    return this.#generation;
  }

  allocate(bytes: number): number {
    this.#check();
    if (!Number.isSafeInteger(bytes) || bytes < 0)
      throw new DlaError('argument', 'bad allocation size', { where, expected: 'a non-negative integer', found: String(bytes) });
    const pointer = this.#allocator.allocate(bytes) ?? this.#grow(bytes);
    if (pointer !== undefined) return pointer;
    const { liveBytes } = this.#allocator;
    throw new DlaError('out-of-memory', 'allocation failed', {
      where,
      expected: `at most ${this.#limitBytes} bytes in all`,
      found: `${bytes} bytes asked for, ${liveBytes} bytes live`,
    });
  }

  #grow(bytes: number): number | undefined {
    const before = this.memory.buffer;
    if (!growMemory(this.memory, this.#allocator.end + this.#allocator.missing(bytes), this.#limitBytes)) return undefined;
    if (before.byteLength === 0) this.#generation++;
    this.#allocator.extend(this.memory.buffer.byteLength);
    return this.#allocator.allocate(bytes);
  }

  free(pointer: number): void {
    this.#check();
    this.#allocator.free(pointer);
  }

  view(dtype: DType, pointer: number, length: number): TypedArray {
    this.#check();
    return viewOf(dtype, this.memory.buffer, pointer, length);
  }

  matmul(call: MatmulCall): void {
    this.#check();
    if (call.batch === 0 || call.m === 0 || call.n === 0) return;
    if (call.k > 0) matmul(this.#pool, call);
    else for (let item = 0; item < call.batch; item++) this.view('f32', call.c + 4 * item * call.strideC, call.m * call.n).fill(0);
  }

  unary(kind: WasmUnaryKind, x: number, y: number, length: number): void {
    this.#check();
    if (length > 0) unary(this.#pool, kind, x, y, length);
  }

  binary(call: BinaryCall): void {
    this.#check();
    if (call.rows > 0 && call.columns > 0) binary(this.#pool, call);
  }

  sumRows(x: number, y: number, rows: number, columns: number): void {
    this.#check();
    if (rows > 0) sumRows(this.#pool, x, y, rows, columns);
  }

  sumColumns(x: number, y: number, batch: number, rows: number, columns: number): void {
    this.#check();
    if (batch > 0 && columns > 0) sumColumns(this.#pool, x, y, batch, rows, columns);
  }

  transpose(x: number, y: number, batch: number, rows: number, columns: number, inner: number): void {
    this.#check();
    if (batch * rows * columns * inner > 0) transpose(this.#pool, x, y, batch, rows, columns, inner);
  }

  adamw(call: AdamwCall): void {
    this.#check();
    if (call.length > 0) adamw(this.#pool, call);
  }

  rmsNorm(call: NormCall): void {
    this.#check();
    if (call.rows > 0) rmsNorm(this.#pool, call);
  }

  rmsNormGrad(call: NormGradCall): void {
    this.#check();
    rmsNormGrad(this.#pool, call);
  }

  softmax(x: number, y: number, rows: number, width: number): void {
    this.#check();
    if (rows > 0) softmax(this.#pool, x, y, rows, width);
  }

  expSum(x: number, largest: number, sum: number, rows: number, width: number): void {
    this.#check();
    if (rows > 0) expSum(this.#pool, x, largest, sum, rows, width);
  }

  crossEntropyGrad(call: CrossEntropyGradCall): void {
    this.#check();
    if (call.rows > 0) crossEntropyGrad(this.#pool, call);
  }

  conv(call: ConvCall): void {
    this.#check();
    conv(this.#pool, call);
  }

  convGrad(call: ConvGradCall): void {
    this.#check();
    convGrad(this.#pool, call);
  }

  copyRows(call: CopyRowsCall): void {
    this.#check();
    if (call.rows > 0 && call.length > 0) copyRows(this.#pool, call);
  }

  padRows(call: PadRowsCall): void {
    this.#check();
    if (call.rows > 0) padRows(this.#pool, call);
  }

  stats(): { liveBytes: number; peakBytes: number; allocations: number } {
    const { liveBytes, peakBytes, allocations } = this.#allocator;
    return { liveBytes, peakBytes, allocations };
  }

  dispose(): void {
    this.#disposed = true;
    this.#pool.dispose();
  }

  #check(): void {
    if (this.#disposed) throw new DlaError('disposed', 'the runtime was disposed', { where });
  }
}
