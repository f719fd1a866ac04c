import { loadSome, storeSome, upper } from './lanes';
import { exp4 } from './math';

// Rows of exponentials: softmax and cross-entropy. Sums in float64, two partial sums over lanes, in an order fixed by the width.

const LOWEST: f32 = -Infinity;

function largest(x: usize, width: i32): f32 {
  let top = f32x4.splat(LOWEST);
  let i = 0;
  for (; i + 4 <= width; i += 4) top = f32x4.max(top, v128.load(x + ((i as usize) << 2)));
  let most = max(max(f32x4.extract_lane(top, 0), f32x4.extract_lane(top, 1)), max(f32x4.extract_lane(top, 2), f32x4.extract_lane(top, 3)));
  for (; i < width; i++) most = max(most, load<f32>(x + ((i as usize) << 2)));
  return most;
}

/** Sum of e^(x - shift) over the row; the exponentials go to y unless it is 0. */
function exponentials(x: usize, y: usize, width: i32, shift: f32): f64 {
  const by = f32x4.splat(shift);
  let sum = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= width; i += 4) {
    const e = exp4(f32x4.sub(v128.load(x + ((i as usize) << 2)), by));
    if (y != 0) v128.store(y + ((i as usize) << 2), e);
    sum = f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(e), f64x2.promote_low_f32x4(upper(e))));
  }
  const rest = width - i;
  if (rest > 0) {
    let e = exp4(f32x4.sub(loadSome(x + ((i as usize) << 2), rest), by));
    if (y != 0) storeSome(y + ((i as usize) << 2), e, rest);
    for (let lane = 0; lane < rest; lane++) {
      sum = f64x2.replace_lane(sum, 0, f64x2.extract_lane(sum, 0) + (f32x4.extract_lane(e, 0) as f64));
      e = i8x16.shuffle(e, e, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3);
    }
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** Arguments x, y, rows, width, rowsPerTask: y = softmax of each row. */
export function softmaxTask(args: usize, task: i32): void {
  const width = load<i32>(args, 12);
  const rowsPerTask = load<i32>(args, 16);
  const start = task * rowsPerTask;
  const end = min(load<i32>(args, 8), start + rowsPerTask);
  const step = (width as usize) << 2;
  for (let row = start; row < end; row++) {
    const x = load<usize>(args) + (row as usize) * step;
    const y = load<usize>(args, 4) + (row as usize) * step;
    scaleRow(y, width, (1 / exponentials(x, y, width, largest(x, width))) as f32);
  }
}

function scaleRow(y: usize, width: i32, scale: f32): void {
  const factor = f32x4.splat(scale);
  let i = 0;
  for (; i + 4 <= width; i += 4) v128.store(y + ((i as usize) << 2), f32x4.mul(v128.load(y + ((i as usize) << 2)), factor));
  for (; i < width; i++) store<f32>(y + ((i as usize) << 2), load<f32>(y + ((i as usize) << 2)) * scale);
}

/** Arguments x, largest, sum, rows, width, rowsPerTask: of each row the largest element and the sum of e^(x - largest). */
export function expSumTask(args: usize, task: i32): void {
  const width = load<i32>(args, 16);
  const rowsPerTask = load<i32>(args, 20);
  const start = task * rowsPerTask;
  const end = min(load<i32>(args, 12), start + rowsPerTask);
  for (let row = start; row < end; row++) {
    const x = load<usize>(args) + (((row as usize) * (width as usize)) << 2);
    const top = largest(x, width);
    store<f32>(load<usize>(args, 4) + ((row as usize) << 2), top);
    store<f32>(load<usize>(args, 8) + ((row as usize) << 2), exponentials(x, 0, width, top) as f32);
  }
}

/** Arguments x, targets, logSumExp, d, y, rows, width, rowsPerTask: y = (e^(x - logSumExp) - onehot(target)) d, 0 where target < 0. */
export function crossEntropyGradTask(args: usize, task: i32): void {
  const width = load<i32>(args, 24);
  const rowsPerTask = load<i32>(args, 28);
  const start = task * rowsPerTask;
  const end = min(load<i32>(args, 20), start + rowsPerTask);
  const step = (width as usize) << 2;
  for (let row = start; row < end; row++) {
    const cell = (row as usize) << 2;
    const y = load<usize>(args, 16) + (row as usize) * step;
    const target = load<i32>(load<usize>(args, 4) + cell);
    if (target < 0) {
      memory.fill(y, 0, step);
      continue;
    }
    const x = load<usize>(args) + (row as usize) * step;
    const shift = load<f32>(load<usize>(args, 8) + cell);
    const d = load<f32>(load<usize>(args, 12) + cell);
    exponentialsTimes(x, y, width, shift, d);
    if (target >= width) continue;
    const own = f32x4.extract_lane(exp4(f32x4.splat(load<f32>(x + ((target as usize) << 2)) - shift)), 0);
    store<f32>(y + ((target as usize) << 2), (own - 1) * d);
  }
}

function exponentialsTimes(x: usize, y: usize, width: i32, shift: f32, scale: f32): void {
  const by = f32x4.splat(shift);
  const factor = f32x4.splat(scale);
  let i = 0;
  for (; i + 4 <= width; i += 4) v128.store(y + ((i as usize) << 2), f32x4.mul(exp4(f32x4.sub(v128.load(x + ((i as usize) << 2)), by)), factor));
  const rest = width - i;
  if (rest > 0) storeSome(y + ((i as usize) << 2), f32x4.mul(exp4(f32x4.sub(loadSome(x + ((i as usize) << 2), rest), by)), factor), rest);
}
