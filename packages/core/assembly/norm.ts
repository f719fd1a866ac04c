import { addToSums, loadSome, storeSome, upper } from './lanes';
import { sigmoid4 } from './math';

// RMS norms over rows of f32. Sums run in float64; those along a row in four partial sums over columns modulo 4, those of
// the weights' gradients over the rows of a block in order, the blocks being fixed by the shape.

/** Byte offset of the float64 argument behind the words. */
const NUMBERS: usize = 128;

/** Four floats at `pointer`, or those of the last `count` < 4 columns and zeros. */
function at4(pointer: usize, count: i32): v128 {
  return count >= 4 ? v128.load(pointer) : loadSome(pointer, count);
}

function put4(pointer: usize, x: v128, count: i32): void {
  if (count >= 4) v128.store(pointer, x);
  else storeSome(pointer, x, count);
}

/** Adds the four lanes of x to two running sums. */
function accumulate(sum: v128, x: v128): v128 {
  return f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(upper(x))));
}

function square(sum: v128, x: v128): v128 {
  const low = f64x2.promote_low_f32x4(x);
  const high = f64x2.promote_low_f32x4(upper(x));
  return f64x2.add(sum, f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high)));
}

function total(sum: v128): f64 {
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** Arguments x, weight, y, rows, width, rowsPerTask; float64 epsilon: y = x / sqrt(mean(x^2) + epsilon) * weight. */
export function rmsNormTask(args: usize, task: i32): void {
  const width = load<i32>(args, 16);
  const rowsPerTask = load<i32>(args, 20);
  const epsilon = load<f64>(args, NUMBERS);
  const start = task * rowsPerTask;
  const end = min(load<i32>(args, 12), start + rowsPerTask);
  const weight = load<usize>(args, 4);
  const step = (width as usize) << 2;
  let x = load<usize>(args) + (start as usize) * step;
  let y = load<usize>(args, 8) + (start as usize) * step;
  for (let row = start; row < end; row++) {
    let squares = f64x2.splat(0);
    for (let i = 0; i < width; i += 4) squares = square(squares, at4(x + ((i as usize) << 2), width - i));
    scaleRow(x, weight, y, width, (1 / sqrt(total(squares) / (width as f64) + epsilon)) as f32);
    x += step;
    y += step;
  }
}

/** y = x scale weight; y may be x. */
function scaleRow(x: usize, weight: usize, y: usize, width: i32, scale: f32): void {
  const factor = f32x4.splat(scale);
  for (let i = 0; i < width; i += 4) {
    const byte = (i as usize) << 2;
    const count = width - i;
    put4(y + byte, f32x4.mul(f32x4.mul(at4(x + byte, count), factor), at4(weight + byte, count)), count);
  }
}

/** Arguments x, z, weight, y, rows, width, rowsPerTask; float64 epsilon: the norm of x silu(z). */
export function gatedRmsNormTask(args: usize, task: i32): void {
  const width = load<i32>(args, 20);
  const rowsPerTask = load<i32>(args, 24);
  const epsilon = load<f64>(args, NUMBERS);
  const start = task * rowsPerTask;
  const end = min(load<i32>(args, 16), start + rowsPerTask);
  const weight = load<usize>(args, 8);
  const step = (width as usize) << 2;
  const skip = (start as usize) * step;
  let x = load<usize>(args) + skip;
  let z = load<usize>(args, 4) + skip;
  let y = load<usize>(args, 12) + skip;
  for (let row = start; row < end; row++) {
    let squares = f64x2.splat(0);
    for (let i = 0; i < width; i += 4) {
      const byte = (i as usize) << 2;
      const count = width - i;
      const gate = at4(z + byte, count);
      const u = f32x4.mul(f32x4.mul(at4(x + byte, count), gate), sigmoid4(gate));
      put4(y + byte, u, count);
      squares = square(squares, u);
    }
    scaleRow(y, weight, y, width, (1 / sqrt(total(squares) / (width as f64) + epsilon)) as f32);
    x += step;
    z += step;
    y += step;
  }
}

/**
 * Arguments x, weight, dy, dx, partials, rows, width, rowsPerTask; float64 epsilon. Task t writes the sums over its rows of dweight to
 * row t of the float64 `partials`, whose rows are `width` rounded up to a multiple of 4 long.
 */
export function rmsNormGradTask(args: usize, task: i32): void {
  const width = load<i32>(args, 24);
  const rowsPerTask = load<i32>(args, 28);
  const epsilon = load<f64>(args, NUMBERS);
  const start = task * rowsPerTask;
  const end = min(load<i32>(args, 20), start + rowsPerTask);
  const weight = load<usize>(args, 4);
  const step = (width as usize) << 2;
  const skip = (start as usize) * step;
  let x = load<usize>(args) + skip;
  let dy = load<usize>(args, 8) + skip;
  let dx = load<usize>(args, 12) + skip;
  const sums = clearedSums(load<usize>(args, 16), task, width);
  for (let row = start; row < end; row++) {
    let squares = f64x2.splat(0);
    let inner = f64x2.splat(0);
    for (let i = 0; i < width; i += 4) {
      const byte = (i as usize) << 2;
      const count = width - i;
      const own = at4(x + byte, count);
      squares = square(squares, own);
      inner = accumulate(inner, f32x4.mul(f32x4.mul(at4(dy + byte, count), own), at4(weight + byte, count)));
    }
    const scale = 1 / sqrt(total(squares) / (width as f64) + epsilon);
    const factor = f32x4.splat(scale as f32);
    const mean = f32x4.splat(((total(inner) / (width as f64)) * scale * scale) as f32);
    for (let i = 0; i < width; i += 4) {
      const byte = (i as usize) << 2;
      const count = width - i;
      const own = at4(x + byte, count);
      const d = at4(dy + byte, count);
      addToSums(sums + (byte << 1), f32x4.mul(f32x4.mul(d, own), factor));
      put4(dx + byte, f32x4.mul(factor, f32x4.sub(f32x4.mul(at4(weight + byte, count), d), f32x4.mul(own, mean))), count);
    }
    x += step;
    dy += step;
    dx += step;
  }
}

function clearedSums(partials: usize, task: i32, width: i32): usize {
  const bytes = (((width + 3) & ~3) as usize) << 3;
  const sums = partials + (task as usize) * bytes;
  memory.fill(sums, 0, bytes);
  return sums;
}

/**
 * Arguments x, z, weight, dy, dx, dz, partials, rows, width, rowsPerTask; float64 epsilon; partials as for `rmsNormGradTask`. With
 * u = x silu(z): dx = du silu(z), dz = du x s (1 + z (1 - s)), s = sigmoid(z), which lies in dz between the two passes over a row.
 */
export function gatedRmsNormGradTask(args: usize, task: i32): void {
  const width = load<i32>(args, 32);
  const rowsPerTask = load<i32>(args, 36);
  const epsilon = load<f64>(args, NUMBERS);
  const start = task * rowsPerTask;
  const end = min(load<i32>(args, 28), start + rowsPerTask);
  const weight = load<usize>(args, 8);
  const step = (width as usize) << 2;
  const skip = (start as usize) * step;
  let x = load<usize>(args) + skip;
  let z = load<usize>(args, 4) + skip;
  let dy = load<usize>(args, 12) + skip;
  let dx = load<usize>(args, 16) + skip;
  let dz = load<usize>(args, 20) + skip;
  const sums = clearedSums(load<usize>(args, 24), task, width);
  const one = f32x4.splat(1);
  for (let row = start; row < end; row++) {
    let squares = f64x2.splat(0);
    let inner = f64x2.splat(0);
    for (let i = 0; i < width; i += 4) {
      const byte = (i as usize) << 2;
      const count = width - i;
      const gate = at4(z + byte, count);
      const s = sigmoid4(gate);
      put4(dz + byte, s, count);
      const u = f32x4.mul(f32x4.mul(at4(x + byte, count), gate), s);
      squares = square(squares, u);
      inner = accumulate(inner, f32x4.mul(f32x4.mul(at4(dy + byte, count), u), at4(weight + byte, count)));
    }
    const scale = 1 / sqrt(total(squares) / (width as f64) + epsilon);
    const factor = f32x4.splat(scale as f32);
    const mean = f32x4.splat(((total(inner) / (width as f64)) * scale * scale) as f32);
    for (let i = 0; i < width; i += 4) {
      const byte = (i as usize) << 2;
      const count = width - i;
      const own = at4(x + byte, count);
      const gate = at4(z + byte, count);
      const s = at4(dz + byte, count);
      const d = at4(dy + byte, count);
      const silu = f32x4.mul(gate, s);
      const u = f32x4.mul(own, silu);
      addToSums(sums + (byte << 1), f32x4.mul(f32x4.mul(d, u), factor));
      const du = f32x4.mul(factor, f32x4.sub(f32x4.mul(at4(weight + byte, count), d), f32x4.mul(u, mean)));
      put4(dx + byte, f32x4.mul(du, silu), count);
      const slope = f32x4.mul(s, f32x4.add(one, f32x4.mul(gate, f32x4.sub(one, s))));
      put4(dz + byte, f32x4.mul(f32x4.mul(du, own), slope), count);
    }
    x += step;
    z += step;
    dy += step;
    dx += step;
    dz += step;
  }
}

/**
 * Arguments partials, y, blocks, length, rowLength, stepY, perTask: y[i stepY] = sum over blocks, in order, of partials[block, i];
 * partials is float64, its rows `rowLength` long.
 */
export function sumPartialsTask(args: usize, task: i32): void {
  const blocks = load<i32>(args, 8);
  const step = load<usize>(args, 16) << 3;
  const stepY = load<usize>(args, 20) << 2;
  const perTask = load<i32>(args, 24);
  const start = task * perTask;
  const end = min(load<i32>(args, 12), start + perTask);
  for (let i = start; i < end; i++) {
    let from = load<usize>(args) + ((i as usize) << 3);
    let sum: f64 = 0;
    for (let block = 0; block < blocks; block++) {
      sum += load<f64>(from);
      from += step;
    }
    store<f32>(load<usize>(args, 4) + (i as usize) * stepY, sum as f32);
  }
}
