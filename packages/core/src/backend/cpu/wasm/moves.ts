import { partsOf } from './elementwise.js';
import { kernels } from './kernel-table.js';
import type { Pool } from './pool.js';

/** Rows of 4-byte words moved from x to y, which do not overlap; strides in words. */
export interface CopyRowsCall {
  x: number;
  y: number;
  rows: number;
  length: number;
  strideX: number;
  strideY: number;
}

/** Rows of 4-byte words with `before` words of bit pattern `value` in front and `after` behind; x and y are dense. */
export interface PadRowsCall {
  x: number;
  y: number;
  rows: number;
  length: number;
  before: number;
  after: number;
  value: number;
}

/** Words below which waking workers costs more than it saves. */
const least = 1 << 17;

export function copyRows(pool: Pool, { x, y, rows, length, strideX, strideY }: CopyRowsCall): void {
  const share = Math.ceil(rows / partsOf(pool, rows * length, least));
  pool.setArguments(x, y, rows, length, strideX, strideY, share);
  pool.run(kernels.copyRows, Math.ceil(rows / share), rows > share);
}

export function padRows(pool: Pool, { x, y, rows, length, before, after, value }: PadRowsCall): void {
  const share = Math.ceil(rows / partsOf(pool, rows * (before + length + after), least));
  pool.setArguments(x, y, rows, length, before, after, value, share);
  pool.run(kernels.padRows, Math.ceil(rows / share), rows > share);
}
