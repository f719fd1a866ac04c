import { addToSums, loadSome, storeSome } from './lanes';

// Causal convolution along time, one filter a channel. x [B, T, D], state [B, W - 1, D], taps [W, D] (the weights with the taps outermost).
// A task computes a run of pieces: up to PIECE rows of one batch item. Sums of a piece are in float32, those over pieces in float64.

const PIECE: i32 = 16;

// Arguments shared with `conv.ts` of the runtime, in this order.
const X: usize = 0;
const TAPS: usize = 4;
const STATE: usize = 8;
const Y: usize = 12;
const BATCH: usize = 16;
const TIME: usize = 20;
const CHANNELS: usize = 24;
const WIDTH: usize = 28;
const PIECES_PER_TASK: usize = 32;
const BIAS: usize = 36;
const DY: usize = 40;
const DX: usize = 44;
const DSTATE: usize = 48;
const PARTIALS: usize = 52;

/** sum + taps[0, count) x, rows of both `stepTap` and `step` bytes apart; four channels. */
function addTaps(sum: v128, taps: usize, stepTap: usize, x: usize, step: usize, count: i32): v128 {
  for (let w = 0; w < count; w++) {
    sum = f32x4.add(sum, f32x4.mul(v128.load(taps), v128.load(x)));
    taps += stepTap;
    x += step;
  }
  return sum;
}

/** y = bias + taps[0, before) state + taps[before, width) x over all channels. `bias` of 0 stands for zeros; `stepTap` may be negative. */
function convolveRow(y: usize, bias: usize, taps: usize, stepTap: usize, state: usize, before: i32, x: usize, count: i32, channels: i32): void {
  const step = (channels as usize) << 2;
  const later = taps + (before as usize) * stepTap;
  let d = 0;
  for (; d + 4 <= channels; d += 4) {
    const at = (d as usize) << 2;
    let sum = bias != 0 ? v128.load(bias + at) : f32x4.splat(0);
    if (before > 0) sum = addTaps(sum, taps + at, stepTap, state + at, step, before);
    v128.store(y + at, addTaps(sum, later + at, stepTap, x + at, step, count));
  }
  for (; d < channels; d++) {
    const at = (d as usize) << 2;
    let sum: f32 = bias != 0 ? load<f32>(bias + at) : 0;
    for (let w = 0; w < before; w++) sum += load<f32>(taps + at + (w as usize) * stepTap) * load<f32>(state + at + (w as usize) * step);
    for (let w = 0; w < count; w++) sum += load<f32>(later + at + (w as usize) * stepTap) * load<f32>(x + at + (w as usize) * step);
    store<f32>(y + at, sum);
  }
}

/** Four full taps: the usual width, without the loop over taps. */
function convolveFour(y: usize, bias: usize, taps: usize, stepTap: usize, x: usize, channels: i32): void {
  const step = (channels as usize) << 2;
  const t1 = taps + stepTap;
  const t2 = t1 + stepTap;
  const t3 = t2 + stepTap;
  const x1 = x + step;
  const x2 = x1 + step;
  const x3 = x2 + step;
  const end = ((channels & ~3) as usize) << 2;
  for (let at: usize = 0; at < end; at += 16) {
    let sum = bias != 0 ? v128.load(bias + at) : f32x4.splat(0);
    sum = f32x4.add(sum, f32x4.mul(v128.load(taps + at), v128.load(x + at)));
    sum = f32x4.add(sum, f32x4.mul(v128.load(t1 + at), v128.load(x1 + at)));
    sum = f32x4.add(sum, f32x4.mul(v128.load(t2 + at), v128.load(x2 + at)));
    v128.store(y + at, f32x4.add(sum, f32x4.mul(v128.load(t3 + at), v128.load(x3 + at))));
  }
  const rest = channels & 3;
  if (rest > 0) {
    let sum = bias != 0 ? loadSome(bias + end, rest) : f32x4.splat(0);
    sum = f32x4.add(sum, f32x4.mul(loadSome(taps + end, rest), loadSome(x + end, rest)));
    sum = f32x4.add(sum, f32x4.mul(loadSome(t1 + end, rest), loadSome(x1 + end, rest)));
    sum = f32x4.add(sum, f32x4.mul(loadSome(t2 + end, rest), loadSome(x2 + end, rest)));
    storeSome(y + end, f32x4.add(sum, f32x4.mul(loadSome(t3 + end, rest), loadSome(x3 + end, rest))), rest);
  }
}

/** Task t computes its run of pieces of y; the new state is copied by the caller. */
export function convTask(args: usize, task: i32): void {
  const time = load<i32>(args, TIME);
  const channels = load<i32>(args, CHANNELS);
  const width = load<i32>(args, WIDTH);
  const each = (time + PIECE - 1) / PIECE;
  const last = min(load<i32>(args, BATCH) * each, (task + 1) * load<i32>(args, PIECES_PER_TASK));
  const step = (channels as usize) << 2;
  for (let piece = task * load<i32>(args, PIECES_PER_TASK); piece < last; piece++) {
    const item = (piece / each) as usize;
    const start = (piece % each) * PIECE;
    const end = min(time, start + PIECE);
    const x = load<usize>(args, X) + item * (time as usize) * step;
    const y = load<usize>(args, Y) + item * (time as usize) * step;
    const state = load<usize>(args, STATE) + item * ((width - 1) as usize) * step;
    for (let t = start; t < end; t++) {
      const before = max(0, width - 1 - t);
      const from = x + ((t - width + 1 + before) as usize) * step;
      const to = y + (t as usize) * step;
      if (before == 0 && width == 4) convolveFour(to, load<usize>(args, BIAS), load<usize>(args, TAPS), step, from, channels);
      else
        convolveRow(to, load<usize>(args, BIAS), load<usize>(args, TAPS), step, state + (t as usize) * step, before, from, width - before, channels);
    }
  }
}

/**
 * Task t computes its run of pieces of dx and dstate, and writes its float64 sums of the taps' and the bias' gradients, [W + 1, D], to row t
 * of `partials`, whose rows of D are rounded up to a multiple of 4.
 */
export function convGradTask(args: usize, task: i32): void {
  const time = load<i32>(args, TIME);
  const channels = load<i32>(args, CHANNELS);
  const width = load<i32>(args, WIDTH);
  const each = (time + PIECE - 1) / PIECE;
  const last = min(load<i32>(args, BATCH) * each, (task + 1) * load<i32>(args, PIECES_PER_TASK));
  const rowBytes = (((channels + 3) & ~3) as usize) << 3;
  const sums = load<usize>(args, PARTIALS) + (task as usize) * ((width + 1) as usize) * rowBytes;
  memory.fill(sums, 0, ((width + 1) as usize) * rowBytes);
  for (let piece = task * load<i32>(args, PIECES_PER_TASK); piece < last; piece++) {
    const item = piece / each;
    const start = (piece % each) * PIECE;
    const end = min(time, start + PIECE);
    if (start == 0) for (let s = 1 - width; s < 0; s++) gradientOfRow(args, item, s, time, channels, width);
    for (let s = start; s < end; s++) gradientOfRow(args, item, s, time, channels, width);
    for (let w = 0; w < width; w++) sumProducts(args, item, start, end, w, sums + (w as usize) * rowBytes, time, channels, width);
    sumRows(args, item, start, end, sums + (width as usize) * rowBytes, time, channels);
  }
}

/** dx_s (dstate for s < 0) = sum over w of taps_w dy_{s + width - 1 - w}, oldest output first. */
function gradientOfRow(args: usize, item: i32, s: i32, time: i32, channels: i32, width: i32): void {
  const step = (channels as usize) << 2;
  const firstTime = max(0, s);
  const count = min(time, s + width) - firstTime;
  const tap = s + width - 1 - firstTime;
  const dy = load<usize>(args, DY) + ((item * time + firstTime) as usize) * step;
  const to =
    s >= 0
      ? load<usize>(args, DX) + ((item * time + s) as usize) * step
      : load<usize>(args, DSTATE) + ((item * (width - 1) + s + width - 1) as usize) * step;
  const taps = load<usize>(args, TAPS) + (tap as usize) * step;
  if (count == 4 && width == 4) convolveFour(to, 0, taps, 0 - step, dy, channels);
  else convolveRow(to, 0, taps, 0 - step, 0, 0, dy, max(0, count), channels);
}

/** Adds dy_t x_{t - width + 1 + w} for t in [start, end) to the sums of tap w. */
function sumProducts(args: usize, item: i32, start: i32, end: i32, w: i32, sums: usize, time: i32, channels: i32, width: i32): void {
  const step = (channels as usize) << 2;
  const dy = load<usize>(args, DY) + ((item * time) as usize) * step;
  const x = load<usize>(args, X) + ((item * time) as usize) * step;
  const state = load<usize>(args, STATE) + ((item * (width - 1)) as usize) * step;
  const shift = width - 1 - w;
  const border = min(end, max(start, shift));
  for (let d = 0; d < channels; d += 4) {
    const at = (d as usize) << 2;
    const rest = channels - d;
    let sum = f32x4.splat(0);
    for (let t = start; t < border; t++)
      sum = f32x4.add(sum, f32x4.mul(at4(dy + (t as usize) * step + at, rest), at4(state + ((t + w) as usize) * step + at, rest)));
    let from = dy + (border as usize) * step + at;
    let other = x + ((border - shift) as usize) * step + at;
    if (rest >= 4)
      for (let t = border; t < end; t++) {
        sum = f32x4.add(sum, f32x4.mul(v128.load(from), v128.load(other)));
        from += step;
        other += step;
      }
    else
      for (let t = border; t < end; t++) {
        sum = f32x4.add(sum, f32x4.mul(loadSome(from, rest), loadSome(other, rest)));
        from += step;
        other += step;
      }
    addToSums(sums + (at << 1), sum);
  }
}

function sumRows(args: usize, item: i32, start: i32, end: i32, sums: usize, time: i32, channels: i32): void {
  const step = (channels as usize) << 2;
  const dy = load<usize>(args, DY) + ((item * time + start) as usize) * step;
  for (let d = 0; d < channels; d += 4) {
    let from = dy + ((d as usize) << 2);
    let sum = f32x4.splat(0);
    for (let t = start; t < end; t++) {
      sum = f32x4.add(sum, at4(from, channels - d));
      from += step;
    }
    addToSums(sums + ((d as usize) << 3), sum);
  }
}

function at4(pointer: usize, count: i32): v128 {
  return count >= 4 ? v128.load(pointer) : loadSome(pointer, count);
}
