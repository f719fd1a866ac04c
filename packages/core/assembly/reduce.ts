// Sums in float64, in an order that depends on the shape alone.

/** Arguments x, y, rows, columns, rowsPerTask: y[row] = sum of x[row, :], four partial sums over columns modulo 4. */
export function sumRowsTask(args: usize, task: i32): void {
  const rows = load<i32>(args, 8);
  const columns = load<i32>(args, 12);
  const rowsPerTask = load<i32>(args, 16);
  const start = task * rowsPerTask;
  const end = min(rows, start + rowsPerTask);
  const step = (columns as usize) << 2;
  let x = load<usize>(args) + (start as usize) * step;
  for (let row = start; row < end; row++) {
    store<f32>(load<usize>(args, 4) + ((row as usize) << 2), sumRow(x, columns) as f32);
    x += step;
  }
}

function sumRow(x: usize, columns: i32): f64 {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let column = 0;
  for (; column + 4 <= columns; column += 4) {
    const four = v128.load(x);
    s0 = f64x2.add(s0, f64x2.promote_low_f32x4(four));
    s1 = f64x2.add(s1, f64x2.promote_low_f32x4(i8x16.shuffle(four, four, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)));
    x += 16;
  }
  const s = f64x2.add(s0, s1);
  let sum = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
  for (; column < columns; column++) {
    sum += load<f32>(x) as f64;
    x += 4;
  }
  return sum;
}

/** Arguments x, y, batch, rows, columns, columnsPerTask: y[b, j] = sum over rows, in order, of x[b, row, j]; items vary slowest. */
export function sumColumnsTask(args: usize, task: i32): void {
  const rows = load<i32>(args, 12);
  const columns = load<i32>(args, 16);
  const columnsPerTask = load<i32>(args, 20);
  const across = (columns + columnsPerTask - 1) / columnsPerTask;
  const item = (task / across) as usize;
  const start = (task % across) * columnsPerTask;
  const end = min(columns, start + columnsPerTask);
  const step = (columns as usize) << 2;
  const x = load<usize>(args) + item * (rows as usize) * step;
  const y = load<usize>(args, 4) + item * step;
  let column = start;
  for (; column + 8 <= end; column += 8) sumEight(x + ((column as usize) << 2), step, rows, y + ((column as usize) << 2));
  for (; column < end; column++) {
    let sum: f64 = 0;
    let from = x + ((column as usize) << 2);
    for (let row = 0; row < rows; row++) {
      sum += load<f32>(from) as f64;
      from += step;
    }
    store<f32>(y + ((column as usize) << 2), sum as f32);
  }
}

function sumEight(x: usize, step: usize, rows: i32, y: usize): void {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let row = 0; row < rows; row++) {
    s0 = f64x2.add(s0, f64x2.promote_low_f32x4(v128.load64_zero(x)));
    s1 = f64x2.add(s1, f64x2.promote_low_f32x4(v128.load64_zero(x, 8)));
    s2 = f64x2.add(s2, f64x2.promote_low_f32x4(v128.load64_zero(x, 16)));
    s3 = f64x2.add(s3, f64x2.promote_low_f32x4(v128.load64_zero(x, 24)));
    x += step;
  }
  v128.store64_lane(y, f32x4.demote_f64x2_zero(s0), 0);
  v128.store64_lane(y, f32x4.demote_f64x2_zero(s1), 0, 8);
  v128.store64_lane(y, f32x4.demote_f64x2_zero(s2), 0, 16);
  v128.store64_lane(y, f32x4.demote_f64x2_zero(s3), 0, 24);
}
