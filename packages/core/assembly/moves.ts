import { copyWords, fillWords } from './lanes';

/** Words from which a call of the engine's memmove costs less than a loop. */
const LONG: i32 = 64;

function move(to: usize, from: usize, count: i32): void {
  if (count >= LONG) memory.copy(to, from, (count as usize) << 2);
  else copyWords(to, from, count);
}

/** Arguments x, y, rows, length, strideX, strideY, rowsPerTask: rows of `length` 4-byte words, the strides in words. */
export function copyRowsTask(args: usize, task: i32): void {
  const length = load<i32>(args, 12);
  const stepX = load<usize>(args, 16) << 2;
  const stepY = load<usize>(args, 20) << 2;
  const rowsPerTask = load<i32>(args, 24);
  const start = task * rowsPerTask;
  const end = min(load<i32>(args, 8), start + rowsPerTask);
  let x = load<usize>(args) + (start as usize) * stepX;
  let y = load<usize>(args, 4) + (start as usize) * stepY;
  for (let row = start; row < end; row++) {
    move(y, x, length);
    x += stepX;
    y += stepY;
  }
}

/** Arguments x, y, rows, length, before, after, value, rowsPerTask: rows of x with `before` words of `value` in front and `after` behind. */
export function padRowsTask(args: usize, task: i32): void {
  const length = load<i32>(args, 12);
  const before = load<i32>(args, 16);
  const after = load<i32>(args, 20);
  const value = load<u32>(args, 24);
  const rowsPerTask = load<i32>(args, 28);
  const start = task * rowsPerTask;
  const end = min(load<i32>(args, 8), start + rowsPerTask);
  const stepX = (length as usize) << 2;
  const stepY = ((before + length + after) as usize) << 2;
  let x = load<usize>(args) + (start as usize) * stepX;
  let y = load<usize>(args, 4) + (start as usize) * stepY;
  for (let row = start; row < end; row++) {
    fillWords(y, value, before);
    move(y + ((before as usize) << 2), x, length);
    fillWords(y + (((before + length) as usize) << 2), value, after);
    x += stepX;
    y += stepY;
  }
}
