import type { WasmBinaryKind, WasmUnaryKind } from './kernel-table.js';
import { binaryNumbers, kernels, unaryNumbers } from './kernel-table.js';
import type { Pool } from './pool.js';

/** c[g, i, j] = a[g groupA + i strideA + j stepA] o b[g groupB + i strideB + j stepB] over [rows / group, group, columns]; c is dense, f32, and may be a or b where that one is dense too. */
export interface BinaryCall {
  kind: WasmBinaryKind;
  /** Byte pointers. */
  a: number;
  b: number;
  c: number;
  rows: number;
  columns: number;
  /** Elements from row to row: `columns` for a dense operand, 0 for one row that serves all, 1 for one number a row. */
  strideA: number;
  strideB: number;
  /** 1: the operand has an element a column; 0: one number serves a whole row. */
  stepA: 0 | 1;
  stepB: 0 | 1;
  /** Rows in a group (default: all rows are one group), and elements from group to group. */
  group?: number;
  groupA?: number;
  groupB?: number;
}

/** One AdamW step over `length` f32 elements; pointers may coincide pairwise (in place). See the op `adamw` for the formula. */
export interface AdamwCall {
  p: number;
  m: number;
  v: number;
  gradient: number;
  nextP: number;
  nextM: number;
  nextV: number;
  length: number;
  learningRate: number;
  inverseCorrection1: number;
  inverseCorrection2: number;
  /** Must be finite. */
  gradientScale: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
}

/** Elements below which waking workers costs more than it saves: cheap loops, and functions with a polynomial. */
const cheapParallel = 1 << 16;
const costlyParallel = 1 << 13;
const tasksPerThread = 4;
const costly: ReadonlySet<WasmUnaryKind> = new Set(['exp', 'log', 'sigmoid', 'tanh', 'silu', 'softplus']);

/** Whether `elements` are worth several threads, and into how many parts to cut them. */
export function partsOf(pool: Pool, elements: number, least: number): number {
  return pool.threads > 1 && elements >= least ? pool.threads * tasksPerThread : 1;
}

/** `length` cut into `parts`, each a multiple of 16 elements (a cache line), so that no two threads write one line. */
export function shareOf(length: number, parts: number): number {
  return Math.max(16, Math.ceil(length / parts / 16) * 16);
}

function launch(pool: Pool, kernel: (typeof kernels)[keyof typeof kernels], tasks: number): void {
  pool.run(kernel, tasks, tasks > 1);
}

export function unary(pool: Pool, kind: WasmUnaryKind, x: number, y: number, length: number): void {
  const share = shareOf(length, partsOf(pool, length, costly.has(kind) ? costlyParallel : cheapParallel));
  pool.setArguments(unaryNumbers[kind], x, y, length, share);
  launch(pool, kernels.unary, Math.ceil(length / share));
}

export function binary(pool: Pool, call: BinaryCall): void {
  const { kind, a, b, c, rows, columns, strideA, strideB, stepA, stepB, group = rows, groupA = 0, groupB = 0 } = call;
  const parts = partsOf(pool, rows * columns, cheapParallel);
  const rowShare = Math.ceil(rows / parts);
  const rowTasks = Math.ceil(rows / rowShare);
  const columnShare = shareOf(columns, Math.ceil(parts / rowTasks));
  const strides = [strideA, strideB, stepA, stepB] as const;
  pool.setArguments(binaryNumbers[kind], a, b, c, rows, columns, ...strides, rowShare, columnShare, group, groupA, groupB);
  launch(pool, kernels.binary, rowTasks * Math.ceil(columns / columnShare));
}

export function sumRows(pool: Pool, x: number, y: number, rows: number, columns: number): void {
  const share = Math.ceil(rows / partsOf(pool, rows * columns, cheapParallel));
  pool.setArguments(x, y, rows, columns, share);
  launch(pool, kernels.sumRows, Math.ceil(rows / share));
}

export function sumColumns(pool: Pool, x: number, y: number, batch: number, rows: number, columns: number): void {
  const share = shareOf(columns, Math.ceil(partsOf(pool, batch * rows * columns, cheapParallel) / batch));
  pool.setArguments(x, y, batch, rows, columns, share);
  launch(pool, kernels.sumColumns, batch * Math.ceil(columns / share));
}

export function transpose(pool: Pool, x: number, y: number, batch: number, rows: number, columns: number, inner: number): void {
  const elements = batch * rows * columns * inner;
  const share = shareOf(columns, Math.ceil(partsOf(pool, elements, cheapParallel) / batch));
  pool.setArguments(x, y, batch, rows, columns, inner, share);
  launch(pool, kernels.transpose, batch * Math.ceil(columns / share));
}

export function adamw(pool: Pool, call: AdamwCall): void {
  const share = shareOf(call.length, partsOf(pool, call.length, costlyParallel));
  pool.setArguments(call.p, call.m, call.v, call.gradient, call.nextP, call.nextM, call.nextV, call.length, share);
  const { learningRate, inverseCorrection1, inverseCorrection2, gradientScale, beta1, beta2, epsilon, weightDecay } = call;
  pool.setNumbers(learningRate, inverseCorrection1, inverseCorrection2, gradientScale, beta1, beta2, epsilon, weightDecay);
  launch(pool, kernels.adamw, Math.ceil(call.length / share));
}
