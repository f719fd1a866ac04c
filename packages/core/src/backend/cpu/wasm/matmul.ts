import { kernels } from './kernel-table.js';
import { itemBytes, packedBytes } from './layout.js';
import type { Pool } from './pool.js';

/**
 * c[i] = op(a[i]) op(b[i]) for i in [0, batch): f32, row-major, dense matrices. op(a) is [m, k], op(b) is [k, n];
 * with `transposeA` a is stored [k, m], with `transposeB` b is stored [n, k].
 */
export interface MatmulCall {
  /** Byte pointers into the runtime's memory; c overlaps neither a nor b. */
  a: number;
  b: number;
  c: number;
  batch: number;
  m: number;
  n: number;
  k: number;
  /** Elements from one item of the batch to the next; 0: all share one matrix (not for c). */
  strideA: number;
  strideB: number;
  strideC: number;
  transposeA: boolean;
  transposeB: boolean;
}

const tileRows = 4;
const panelColumns = 8;
const blockTiles = 24;
/** Rows up to which row-major B is read in place: packing it would cost as much as the product. */
const fewRows = 3;
/** Multiplications below which waking workers costs more than it saves. */
const parallelWork = 1 << 18;
const parallelPacking = 1 << 16;
/** Multiplications worth one task. */
const taskWork = 1 << 16;
const slabLimit = 1 << 15;
const transposeAFlag = 1;
const transposeBFlag = 2;
const accumulateFlag = 4;

/**
 * Every element of c is one sum over k in ascending order, each product rounded before it is added (no fused
 * multiply-add), so the bits depend neither on the number of threads nor on the batch.
 */
export function matmul(pool: Pool, call: MatmulCall): void {
  let { a, b, batch, m, n, strideA, strideB, transposeA, transposeB } = call;
  const { c, k, strideC } = call;
  if (n === 1 && m > 1) {
    // A column is a row of the transposed product: op(b)^T op(a)^T, the same sums.
    [a, b, strideA, strideB, m, n] = [b, a, strideB, strideA, 1, m];
    transposeB = !transposeA;
    transposeA = false;
  }
  if (batch > 1 && strideB === 0 && !transposeA && strideA === m * k && strideC === m * n) {
    m *= batch;
    batch = 1;
  }
  const parallel = pool.threads > 1 && batch * m * n * k >= parallelWork;
  const wanted = parallel ? pool.threads * 4 : 1;
  const rowLengthA = transposeA ? m : k;
  const rowLengthB = transposeB ? k : n;
  const flags = (transposeA ? transposeAFlag : 0) | (transposeB ? transposeBFlag : 0);
  if (m <= fewRows && !transposeB) {
    const groups = Math.ceil(n / 32);
    const perTask = Math.ceil(groups / Math.ceil(wanted / batch));
    pool.setArguments(a, b, c, batch, m, n, k, strideA, strideB, strideC, flags, 0, rowLengthA, rowLengthB, n, m, perTask, 0);
    pool.run(kernels.row, batch * Math.ceil(groups / perTask), parallel);
    return;
  }
  const panels = Math.ceil(n / panelColumns);
  if (panels * panelColumns * k * 4 <= itemBytes && (batch >= 2 * pool.threads || (batch > 1 && !parallel))) {
    const perTask = parallel ? Math.max(1, Math.ceil(taskWork / (m * n * k)), Math.floor(batch / wanted)) : batch;
    pool.setArguments(a, b, c, batch, m, n, k, strideA, strideB, strideC, flags, 0, rowLengthA, rowLengthB, n, m, panels, perTask);
    pool.run(kernels.batch, Math.ceil(batch / perTask), parallel);
    return;
  }
  for (let item = 0; item < batch; item++)
    multiplyItem(pool, a + item * strideA * 4, b + item * strideB * 4, c + item * strideC * 4, m, n, k, flags, parallel);
}

/** One product: slabs of k, and of n where packed B would not fit its buffer, each packed by all threads and then multiplied. */
function multiplyItem(pool: Pool, a: number, b: number, c: number, m: number, n: number, k: number, flags: number, parallel: boolean): void {
  const transposeA = (flags & transposeAFlag) !== 0;
  const transposeB = (flags & transposeBFlag) !== 0;
  const rowLengthA = transposeA ? m : k;
  const rowLengthB = transposeB ? k : n;
  const packed = pool.packed;
  const wanted = parallel ? pool.threads * 4 : 1;
  const depthLimit = Math.min(k, slabLimit);
  const columnLimit = Math.floor(packedBytes / (4 * depthLimit * panelColumns)) * panelColumns;
  const rowTiles = Math.ceil(m / tileRows);
  const tilesPerTask = parallel ? Math.min(blockTiles, Math.max(6, Math.floor(rowTiles / wanted))) : rowTiles;
  const rowTasks = Math.ceil(rowTiles / tilesPerTask);
  for (let column = 0; column < n; column += columnLimit) {
    const columns = Math.min(columnLimit, n - column);
    const panels = Math.ceil(columns / panelColumns);
    const panelsPerPack = Math.ceil(panels / wanted);
    const panelsPerTask = Math.ceil(panels / Math.ceil(wanted / rowTasks));
    for (let start = 0; start < k; start += depthLimit) {
      const depth = Math.min(depthLimit, k - start);
      const slabA = a + 4 * start * (transposeA ? rowLengthA : 1);
      const slabB = b + 4 * (transposeB ? column * rowLengthB + start : start * rowLengthB + column);
      const slabC = c + 4 * column;
      const slabFlags = flags | (start > 0 ? accumulateFlag : 0);
      pool.setArguments(
        slabA,
        slabB,
        slabC,
        1,
        m,
        n,
        depth,
        0,
        0,
        0,
        slabFlags,
        packed,
        rowLengthA,
        rowLengthB,
        columns,
        tilesPerTask * tileRows,
        panelsPerPack,
        0,
      );
      pool.run(kernels.pack, Math.ceil(panels / panelsPerPack), parallel && columns * depth >= parallelPacking);
      pool.setArguments(
        slabA,
        slabB,
        slabC,
        1,
        m,
        n,
        depth,
        0,
        0,
        0,
        slabFlags,
        packed,
        rowLengthA,
        rowLengthB,
        columns,
        tilesPerTask * tileRows,
        panelsPerTask,
        0,
      );
      pool.run(kernels.block, rowTasks * Math.ceil(panels / panelsPerTask), parallel);
    }
  }
}
