import { copyWords } from './lanes';

/** Side of the squares in which single words move: a square of both sides stays in the first-level cache. */
const SQUARE: i32 = 32;

/** Arguments x, y, batch, rows, columns, inner, columnsPerTask: y[b, j, i, :] = x[b, i, j, :] of 4-byte words; items vary slowest. */
export function transposeTask(args: usize, task: i32): void {
  const rows = load<i32>(args, 12);
  const columns = load<i32>(args, 16);
  const inner = load<i32>(args, 20);
  const columnsPerTask = load<i32>(args, 24);
  const across = (columns + columnsPerTask - 1) / columnsPerTask;
  const item = (task / across) as usize;
  const start = (task % across) * columnsPerTask;
  const end = min(columns, start + columnsPerTask);
  const cell = (inner as usize) << 2;
  const offset = item * (rows as usize) * (columns as usize) * cell;
  const x = load<usize>(args) + offset;
  const y = load<usize>(args, 4) + offset;
  if (inner == 1) transposeWords(x, y, rows, columns, start, end);
  else
    for (let column = start; column < end; column++) {
      let from = x + (column as usize) * cell;
      let to = y + (column as usize) * (rows as usize) * cell;
      for (let row = 0; row < rows; row++) {
        copyWords(to, from, inner);
        to += cell;
        from += (columns as usize) * cell;
      }
    }
}

function transposeWords(x: usize, y: usize, rows: i32, columns: i32, start: i32, end: i32): void {
  const stepX = (columns as usize) << 2;
  const stepY = (rows as usize) << 2;
  for (let row0 = 0; row0 < rows; row0 += SQUARE) {
    const rowEnd = min(rows, row0 + SQUARE);
    for (let column0 = start; column0 < end; column0 += SQUARE) {
      const columnEnd = min(end, column0 + SQUARE);
      let row = row0;
      for (; row + 4 <= rowEnd; row += 4) {
        let column = column0;
        for (; column + 4 <= columnEnd; column += 4)
          transposeFour(x + (row as usize) * stepX + ((column as usize) << 2), stepX, y + (column as usize) * stepY + ((row as usize) << 2), stepY);
        for (; column < columnEnd; column++) for (let r = row; r < row + 4; r++) moveWord(x, y, stepX, stepY, r, column);
      }
      for (; row < rowEnd; row++) for (let column = column0; column < columnEnd; column++) moveWord(x, y, stepX, stepY, row, column);
    }
  }
}

function moveWord(x: usize, y: usize, stepX: usize, stepY: usize, row: i32, column: i32): void {
  store<u32>(y + (column as usize) * stepY + ((row as usize) << 2), load<u32>(x + (row as usize) * stepX + ((column as usize) << 2)));
}

function transposeFour(x: usize, stepX: usize, y: usize, stepY: usize): void {
  const r0 = v128.load(x);
  const r1 = v128.load(x + stepX);
  const r2 = v128.load(x + 2 * stepX);
  const r3 = v128.load(x + 3 * stepX);
  const p = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const q = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const u = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const v = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(y, v128.shuffle<f64>(p, q, 0, 2));
  v128.store(y + stepY, v128.shuffle<f64>(p, q, 1, 3));
  v128.store(y + 2 * stepY, v128.shuffle<f64>(u, v, 0, 2));
  v128.store(y + 3 * stepY, v128.shuffle<f64>(u, v, 1, 3));
}
