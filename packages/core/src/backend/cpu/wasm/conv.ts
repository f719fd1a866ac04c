import { kernels } from './kernel-table.js';
import { packedBytes } from './layout.js';
import type { Pool } from './pool.js';
import { sumPartials } from './rows.js';

/** A causal convolution: byte pointers of x, y [B, T, D], weight [D, W], bias [D], state [B, W - 1, D]. */
export interface ConvCall {
  x: number;
  weight: number;
  bias: number;
  state: number;
  y: number;
  batch: number;
  time: number;
  channels: number;
  width: number;
}

/** Its gradient: dy, dx [B, T, D], dweight [D, W], dbias [D], dstate [B, W - 1, D]. */
export interface ConvGradCall {
  x: number;
  weight: number;
  state: number;
  dy: number;
  dx: number;
  dweight: number;
  dbias: number;
  dstate: number;
  batch: number;
  time: number;
  channels: number;
  width: number;
}

/** Rows of one batch item that are summed in float32: `assembly/conv.ts` has the same number. */
const pieceRows = 16;
const parallelElements = 1 << 14;
const mostTasks = 32;

function tapBytes(channels: number, width: number): number {
  return Math.ceil((4 * channels * width) / 64) * 64;
}

function partialLength(channels: number, width: number): number {
  return (width + 1) * Math.ceil(channels / 4) * 4;
}

/** Whether the taps and one row of partial sums fit the shared buffer. */
export function convFits(channels: number, width: number): boolean {
  return tapBytes(channels, width) + 8 * partialLength(channels, width) <= packedBytes;
}

/** The weights with the taps outermost, [W, D], at the start of the shared buffer. */
function layTaps(pool: Pool, weight: number, channels: number, width: number): void {
  pool.setArguments(weight, pool.packed, 1, channels, width, 1, width);
  pool.run(kernels.transpose, 1, false);
}

export function conv(pool: Pool, { x, weight, bias, state, y, batch, time, channels, width }: ConvCall): void {
  layTaps(pool, weight, channels, width);
  const pieces = batch * Math.ceil(time / pieceRows);
  const parallel = pool.threads > 1 && batch * time * channels >= parallelElements;
  const share = parallel ? Math.ceil(pieces / (4 * pool.threads)) : pieces;
  pool.setArguments(x, pool.packed, state, y, batch, time, channels, width, share, bias);
  pool.run(kernels.conv, Math.ceil(pieces / share), parallel);
}

/** The pieces are dealt to tasks by the shape alone, so the sums do not depend on the number of threads. */
export function convGrad(pool: Pool, call: ConvGradCall): void {
  const { x, weight, state, dy, dx, dweight, dbias, dstate, batch, time, channels, width } = call;
  layTaps(pool, weight, channels, width);
  const rowLength = partialLength(channels, width);
  const partials = pool.packed + tapBytes(channels, width);
  const most = Math.min(mostTasks, Math.floor((packedBytes - tapBytes(channels, width)) / (8 * rowLength)));
  const pieces = batch * Math.ceil(time / pieceRows);
  const share = Math.ceil(pieces / most);
  const tasks = Math.ceil(pieces / share);
  pool.setArguments(x, pool.packed, state, 0, batch, time, channels, width, share, 0, dy, dx, dstate, partials);
  pool.run(kernels.convGrad, tasks, batch * time * channels >= parallelElements);
  const row = rowLength / (width + 1);
  for (let tap = 0; tap < width; tap++) sumPartials(pool, partials + 8 * tap * row, dweight + 4 * tap, tasks, channels, rowLength, width);
  sumPartials(pool, partials + 8 * width * row, dbias, tasks, channels, rowLength, 1);
}
