// Four-lane f32 elementary functions from + - * / and bit operations alone, so the bits are the same everywhere.

const LOG2_E: f32 = 1.44269504088896341;
// ln 2 in two parts: the first has 9 bits, so its product with an exponent is exact.
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440054690583e-4;

/** x + y p: one Horner step. */
function step(p: v128, y: v128, x: f32): v128 {
  return f32x4.add(f32x4.splat(x), f32x4.mul(p, y));
}

/** e^r - 1 for |r| <= ln(2)/2: Taylor terms to r^7, relative error 5e-9. */
function expm1Reduced(r: v128): v128 {
  let p = f32x4.splat(1 / 5040.0);
  p = step(p, r, 1 / 720.0);
  p = step(p, r, 1 / 120.0);
  p = step(p, r, 1 / 24.0);
  p = step(p, r, 1 / 6.0);
  p = step(p, r, 0.5);
  return f32x4.add(r, f32x4.mul(f32x4.mul(r, r), p));
}

/** The float 2^k; k in [-126, 127]. */
function powerOfTwo(k: v128): v128 {
  return i32x4.shl(i32x4.add(k, i32x4.splat(127)), 23);
}

/** x - k ln 2. */
function reduce(x: v128, k: v128): v128 {
  return f32x4.sub(f32x4.sub(x, f32x4.mul(k, f32x4.splat(LN2_HIGH))), f32x4.mul(k, f32x4.splat(LN2_LOW)));
}

/** 1.5 * 2^23: adding it leaves the nearest integer (ties to even) in the low bits of a float below 2^22. */
const ROUND: f32 = 12582912;

/** e^x; overflows to infinity, ends in subnormals and 0, keeps NaN. */
export function exp4(x: v128): v128 {
  // pmin and pmax are one instruction each, and these operand orders keep NaN.
  const inside = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-104));
  const rounded = f32x4.add(f32x4.mul(inside, f32x4.splat(LOG2_E)), f32x4.splat(ROUND));
  const k = f32x4.sub(rounded, f32x4.splat(ROUND));
  const y = f32x4.add(f32x4.splat(1), expm1Reduced(reduce(inside, k)));
  // Two factors, for 2^k itself may be out of range; the last product rounds once.
  const whole = i32x4.sub(rounded, f32x4.splat(ROUND));
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(y, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/** ln x by ln(1 + f) = f - (f^2/2 - s (f^2/2 + R)), s = f / (2 + f), R = 2 (s^2/3 + s^4/5 + ..), |s| <= 0.172. */
export function log4(x: v128): v128 {
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  const tiny = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, tiny);
  const root = i32x4.splat(0x3f3504f3);
  const e = i32x4.shr_s(i32x4.sub(scaled, root), 23);
  const f = f32x4.sub(i32x4.sub(scaled, i32x4.shl(e, 23)), one);
  const k = f32x4.convert_i32x4_s(i32x4.sub(e, v128.and(tiny, i32x4.splat(23))));
  const s = f32x4.div(f, f32x4.add(f32x4.splat(2), f));
  const z = f32x4.mul(s, s);
  let p = f32x4.splat(2 / 9.0);
  p = step(p, z, 2 / 7.0);
  p = step(p, z, 2 / 5.0);
  p = step(p, z, 2 / 3.0);
  const half = f32x4.mul(f32x4.splat(0.5), f32x4.mul(f, f));
  const tail = f32x4.add(f32x4.mul(s, f32x4.add(half, f32x4.mul(z, p))), f32x4.mul(k, f32x4.splat(LN2_LOW)));
  let y = f32x4.sub(f32x4.mul(k, f32x4.splat(LN2_HIGH)), f32x4.sub(f32x4.sub(half, tail), f));
  const infinity = i32x4.splat(0x7f800000);
  y = v128.bitselect(infinity, y, f32x4.eq(x, infinity));
  y = v128.bitselect(f32x4.neg(infinity), y, f32x4.eq(x, zero));
  // Negative numbers and NaN.
  return v128.bitselect(y, i32x4.splat(0x7fc00000), f32x4.ge(x, zero));
}

/** 1 / (1 + e^-x), without overflow: e^-|x| is at most 1. */
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1);
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  return f32x4.div(v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0))), f32x4.add(one, e));
}

/** tanh x = -t / (2 + t), t = e^(-2 |x|) - 1 = 2^k (e^r - 1) + (2^k - 1), which does not cancel. */
export function tanh4(x: v128): v128 {
  const u = f32x4.max(f32x4.mul(f32x4.abs(x), f32x4.splat(-2)), f32x4.splat(-40));
  const k = f32x4.nearest(f32x4.mul(u, f32x4.splat(LOG2_E)));
  const scale = powerOfTwo(i32x4.trunc_sat_f32x4_s(k));
  const t = f32x4.add(f32x4.mul(scale, expm1Reduced(reduce(u, k))), f32x4.sub(scale, f32x4.splat(1)));
  const y = f32x4.div(f32x4.abs(t), f32x4.add(f32x4.splat(2), t));
  return v128.bitselect(x, y, i32x4.splat(0x80000000));
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + e), e = e^-|x|; ln(1 + e) = 2 s (1 + s^2/3 + s^4/5 + ..), s = e / (2 + e) <= 1/3. */
export function softplus4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  const s = f32x4.div(e, f32x4.add(f32x4.splat(2), e));
  const z = f32x4.mul(s, s);
  let p = f32x4.splat(1 / 15.0);
  p = step(p, z, 1 / 13.0);
  p = step(p, z, 1 / 11.0);
  p = step(p, z, 1 / 9.0);
  p = step(p, z, 1 / 7.0);
  p = step(p, z, 1 / 5.0);
  p = step(p, z, 1 / 3.0);
  const twice = f32x4.add(s, s);
  const logarithm = f32x4.add(twice, f32x4.mul(twice, f32x4.mul(z, p)));
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), logarithm);
}
