/** The first `count` < 4 floats at `pointer` in the low lanes; the others are 0. */
export function loadSome(pointer: usize, count: i32): v128 {
  let x = v128.load32_zero(pointer);
  if (count > 1) x = v128.load32_lane(pointer, x, 1, 4);
  if (count > 2) x = v128.load32_lane(pointer, x, 2, 8);
  return x;
}

/** Stores the first `count` < 4 lanes. */
export function storeSome(pointer: usize, x: v128, count: i32): void {
  v128.store32_lane(pointer, x, 0);
  if (count > 1) v128.store32_lane(pointer, x, 1, 4);
  if (count > 2) v128.store32_lane(pointer, x, 2, 8);
}

/** Adds the lanes of x, in float64, to two sums of two lanes each: lanes 0, 1 to the pair at `sums`, lanes 2, 3 to the next. */
export function addToSums(sums: usize, x: v128): void {
  v128.store(sums, f64x2.add(v128.load(sums), f64x2.promote_low_f32x4(x)));
  v128.store(sums, f64x2.add(v128.load(sums, 16), f64x2.promote_low_f32x4(upper(x))), 16);
}

/** Lanes 2 and 3 moved to 0 and 1. */
export function upper(x: v128): v128 {
  return i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
}

/** x moved by whole words, in steps of four. */
export function copyWords(to: usize, from: usize, count: i32): void {
  let at = 0;
  for (; at + 4 <= count; at += 4) v128.store(to + ((at as usize) << 2), v128.load(from + ((at as usize) << 2)));
  for (; at < count; at++) store<u32>(to + ((at as usize) << 2), load<u32>(from + ((at as usize) << 2)));
}

export function fillWords(to: usize, value: u32, count: i32): void {
  const four = i32x4.splat(value);
  let at = 0;
  for (; at + 4 <= count; at += 4) v128.store(to + ((at as usize) << 2), four);
  for (; at < count; at++) store<u32>(to + ((at as usize) << 2), value);
}
