import { partsOf, shareOf } from './elementwise.js';
import { kernels } from './kernel-table.js';
import { packedBytes } from './layout.js';
import type { Pool } from './pool.js';

/** Byte pointers and sizes of a norm over rows: x, y [rows, width], weight [width]. */
export interface NormCall {
  x: number;
  weight: number;
  y: number;
  rows: number;
  width: number;
  epsilon: number;
  /** Gate of the gated norm, [rows, width]. */
  z?: number;
}

/** Gradient of a norm: dx (and dz) [rows, width], dweight [width]. */
export interface NormGradCall {
  x: number;
  weight: number;
  dy: number;
  dx: number;
  dweight: number;
  rows: number;
  width: number;
  epsilon: number;
  /** Gate of the gated norm and its gradient. */
  z?: number;
  dz?: number;
}

/** Elements below which waking workers costs more than it saves: loops of a few operations, loops with an exponential. */
const plain = 1 << 15;
const exponential = 1 << 13;
/** Parts into which the rows of a norm's gradient are cut at most, whatever the number of threads. */
const mostBlocks = 64;
const leastBlockRows = 8;

function rowShare(pool: Pool, rows: number, width: number, least: number): number {
  return Math.ceil(rows / partsOf(pool, rows * width, least));
}

export function rmsNorm(pool: Pool, { x, z, weight, y, rows, width, epsilon }: NormCall): void {
  const share = rowShare(pool, rows, width, z === undefined ? plain : exponential);
  if (z === undefined) pool.setArguments(x, weight, y, rows, width, share);
  else pool.setArguments(x, z, weight, y, rows, width, share);
  pool.setNumbers(epsilon);
  pool.run(z === undefined ? kernels.rmsNorm : kernels.gatedRmsNorm, Math.ceil(rows / share), rows > share);
}

/** The rows are cut into blocks by the shape alone, so the sums over rows do not depend on the number of threads. */
export function rmsNormGrad(pool: Pool, { x, z, weight, dy, dx, dz, dweight, rows, width, epsilon }: NormGradCall): void {
  const rowLength = Math.ceil(width / 4) * 4;
  const blocks = Math.max(1, Math.min(mostBlocks, Math.floor(packedBytes / (8 * rowLength))));
  const share = Math.max(leastBlockRows, Math.ceil(rows / blocks));
  const tasks = Math.ceil(rows / share);
  const least = z === undefined ? plain : exponential;
  if (z === undefined || dz === undefined) pool.setArguments(x, weight, dy, dx, pool.packed, rows, width, share);
  else pool.setArguments(x, z, weight, dy, dx, dz, pool.packed, rows, width, share);
  pool.setNumbers(epsilon);
  pool.run(z === undefined ? kernels.rmsNormGrad : kernels.gatedRmsNormGrad, tasks, rows * width >= least);
  sumPartials(pool, pool.packed, dweight, tasks, width, rowLength, 1);
}

/** y[i step] = sum over blocks, in order, of the float64 matrix partials [blocks, rowLength] for i < length. */
export function sumPartials(pool: Pool, partials: number, y: number, blocks: number, length: number, rowLength: number, step: number): void {
  const share = shareOf(length, partsOf(pool, blocks * length, plain));
  const tasks = Math.ceil(length / share);
  pool.setArguments(partials, y, blocks, length, rowLength, step, share);
  pool.run(kernels.sumPartials, tasks, tasks > 1);
}

export function softmax(pool: Pool, x: number, y: number, rows: number, width: number): void {
  const share = rowShare(pool, rows, width, exponential);
  pool.setArguments(x, y, rows, width, share);
  pool.run(kernels.softmax, Math.ceil(rows / share), rows > share);
}

export function expSum(pool: Pool, x: number, largest: number, sum: number, rows: number, width: number): void {
  const share = rowShare(pool, rows, width, exponential);
  pool.setArguments(x, largest, sum, rows, width, share);
  pool.run(kernels.expSum, Math.ceil(rows / share), rows > share);
}

/** Byte pointers and sizes of the gradient of cross-entropy: logits, y [rows, width], targets (i32), logSumExp, d [rows]. */
export interface CrossEntropyGradCall {
  logits: number;
  targets: number;
  logSumExp: number;
  d: number;
  y: number;
  rows: number;
  width: number;
}

export function crossEntropyGrad(pool: Pool, { logits, targets, logSumExp, d, y, rows, width }: CrossEntropyGradCall): void {
  const share = rowShare(pool, rows, width, exponential);
  pool.setArguments(logits, targets, logSumExp, d, y, rows, width, share);
  pool.run(kernels.crossEntropyGrad, Math.ceil(rows / share), rows > share);
}
