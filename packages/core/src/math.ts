/**
 * Elementary functions that give the same bits on every JavaScript engine. ECMAScript fixes + - * /, `Math.sqrt`,
 * `Math.floor`, `Math.abs` and typed-array stores exactly, but leaves `Math.exp`, `log`, `tanh`, `sin` and the like to
 * the engine, so these are built from the former alone. They compute in float64; the worst relative error is about
 * 2e-15 (tests bound each), so a result rounded to float32 is correct to within 0.5000001 units in the last place.
 */

const LOG2_E = Math.LOG2E;
// ln 2 in two parts: the first has 32 bits, so its product with an exponent is exact.
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const SQRT_2 = Math.SQRT2;
const TWO_OVER_PI = 0.6366197723675814;
// pi/2 in three parts; the first two have 33 bits, so their products with a quotient below 2^20 are exact.
const HALF_PI_1 = 1.5707963267341256;
const HALF_PI_2 = 6.077100506303966e-11;
const HALF_PI_3 = 2.0222662487959506e-21;
const TWO_PI = 6.283185307179586;
const REDUCIBLE = 1.6e6;

const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);
// Index of the half with sign and exponent: 1 on little-endian machines.
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

const LOWEST_EXPONENT = -1023;
/** 2^k for k = -1023 .. 1023, each exact. */
const powersOfTwo: Float64Array = makePowersOfTwo();

function makePowersOfTwo(): Float64Array {
  const powers = new Float64Array(2047);
  let power = 1;
  for (let k = 0; k <= 1023; k++, power *= 2) powers[k - LOWEST_EXPONENT] = power;
  power = 0.5;
  for (let k = -1; k >= LOWEST_EXPONENT; k--, power *= 0.5) powers[k - LOWEST_EXPONENT] = power;
  return powers;
}

/** e^r for |r| <= ln(2)/2 + rounding: Taylor terms to r^12, summed in pairs (Estrin) so that they overlap. */
function expReduced(r: number): number {
  const r2 = r * r;
  const r4 = r2 * r2;
  const low = 1 + r + r2 * (0.5 + r * 0.16666666666666666);
  const middle = 0.041666666666666664 + r * 0.008333333333333333 + r2 * (0.001388888888888889 + r * 0.0001984126984126984);
  const high = 0.0000248015873015873 + r * 0.0000027557319223985893 + r2 * (2.755731922398589e-7 + r * 2.505210838544172e-8);
  return low + r4 * (middle + r4 * (high + r4 * 2.08767569878681e-9));
}

/** e^x. exp(-inf) = 0, exp(inf) = inf, NaN stays NaN; overflows above 709.78, results below 2.2e-308 are subnormal. */
export function exp(x: number): number {
  const k = Math.floor(x * LOG2_E + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  if (x > -708 && x < 709) return expReduced(r) * (powersOfTwo[k - LOWEST_EXPONENT] as number);
  if (x > 709.8) return Infinity;
  if (x < -745.2) return 0;
  // The last factor makes the result overflow or round once.
  if (x > 0) return expReduced(r) * (powersOfTwo[k - 100 - LOWEST_EXPONENT] as number) * 1.2676506002282294e30;
  if (x < 0) return expReduced(r) * (powersOfTwo[k + 100 - LOWEST_EXPONENT] as number) * 7.888609052210118e-31;
  return NaN;
}

/** e^x - 1 without cancellation near 0; keeps the sign of zero. */
export function expm1(x: number): number {
  if (x > 0.35 || x < -0.35) return exp(x) - 1;
  if (x === 0 || Number.isNaN(x)) return x;
  // Taylor terms x^2/2! .. x^14/14!
  let sum = 1.1470745597729725e-11;
  sum = sum * x + 1.6059043836821613e-10;
  sum = sum * x + 2.08767569878681e-9;
  sum = sum * x + 2.505210838544172e-8;
  sum = sum * x + 2.755731922398589e-7;
  sum = sum * x + 0.0000027557319223985893;
  sum = sum * x + 0.0000248015873015873;
  sum = sum * x + 0.0001984126984126984;
  sum = sum * x + 0.001388888888888889;
  sum = sum * x + 0.008333333333333333;
  sum = sum * x + 0.041666666666666664;
  sum = sum * x + 0.16666666666666666;
  return x + x * x * (0.5 + x * sum);
}

/** ln((1 + s) / (1 - s)) = 2 (s + s^3/3 + s^5/5 + ..) for |s| <= 0.1716. */
function logOfRatio(s: number): number {
  const s2 = s * s;
  let sum = 0.09523809523809523;
  sum = sum * s2 + 0.10526315789473684;
  sum = sum * s2 + 0.11764705882352941;
  sum = sum * s2 + 0.13333333333333333;
  sum = sum * s2 + 0.15384615384615385;
  sum = sum * s2 + 0.18181818181818182;
  sum = sum * s2 + 0.2222222222222222;
  sum = sum * s2 + 0.2857142857142857;
  sum = sum * s2 + 0.4;
  sum = sum * s2 + 0.6666666666666666;
  return 2 * s + s * (s2 * sum);
}

/** Natural logarithm. log(0) = -inf, log(inf) = inf, negative and NaN give NaN; subnormals are exact inputs. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  let exponent = 0;
  let scaled = x;
  if (x < 2.2250738585072014e-308) {
    scaled = x * 18014398509481984;
    exponent = -54;
  }
  // x = 2^exponent * fraction, fraction in [sqrt(1/2), sqrt(2)].
  word[0] = scaled;
  const own = ((halves[HIGH] as number) >>> 20) - 1023;
  exponent += own;
  let fraction = scaled * (powersOfTwo[-own - LOWEST_EXPONENT] as number);
  if (fraction > SQRT_2) {
    fraction *= 0.5;
    exponent += 1;
  }
  const f = fraction - 1;
  return exponent * LN2_HIGH + (logOfRatio(f / (2 + f)) + exponent * LN2_LOW);
}

/** ln(1 + x) without cancellation near 0; keeps the sign of zero. log1p(-1) = -inf, below -1 NaN. */
export function log1p(x: number): number {
  if (x > -0.29 && x < 0.41) return x === 0 ? x : logOfRatio(x / (2 + x));
  if (!(x > -1) || x > 1e17) return log(1 + x);
  const sum = 1 + x;
  return log(sum) + (x - (sum - 1)) / sum;
}

/** Hyperbolic tangent; keeps the sign of zero, tanh(+-inf) = +-1. */
export function tanh(x: number): number {
  if (x > 22) return 1;
  if (x < -22) return -1;
  if (x === 0) return x;
  const t = expm1(2 * x);
  return t / (t + 2);
}

/** 1 / (1 + e^-x), without overflow at either end. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + exp(-x));
  const e = exp(x);
  return e / (1 + e);
}

/** ln(1 + e^x), without overflow; softplus(-inf) = 0, softplus(inf) = inf. */
export function softplus(x: number): number {
  return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

function sinReduced(r: number): number {
  const r2 = r * r;
  let sum = -7.647163731819816e-13;
  sum = sum * r2 + 1.6059043836821613e-10;
  sum = sum * r2 - 2.505210838544172e-8;
  sum = sum * r2 + 0.0000027557319223985893;
  sum = sum * r2 - 0.0001984126984126984;
  sum = sum * r2 + 0.008333333333333333;
  sum = sum * r2 - 0.16666666666666666;
  return r + r * (r2 * sum);
}

function cosReduced(r: number): number {
  const r2 = r * r;
  let sum = 4.779477332387385e-14;
  sum = sum * r2 - 1.1470745597729725e-11;
  sum = sum * r2 + 2.08767569878681e-9;
  sum = sum * r2 - 2.755731922398589e-7;
  sum = sum * r2 + 0.0000248015873015873;
  sum = sum * r2 - 0.001388888888888889;
  sum = sum * r2 + 0.041666666666666664;
  return 1 - (0.5 * r2 - r2 * r2 * sum);
}

/** sin(x + quarter * pi/2): the quarter turn makes one body serve sine and cosine. */
function turned(x: number, quarter: number): number {
  // The remainder of two doubles is exact, so only the rounding of 2 pi matters for huge angles.
  const angle = x > REDUCIBLE || x < -REDUCIBLE ? x % TWO_PI : x;
  if (Number.isNaN(angle)) return NaN;
  const k = Math.floor(angle * TWO_OVER_PI + 0.5);
  const r = angle - k * HALF_PI_1 - k * HALF_PI_2 - k * HALF_PI_3;
  switch ((k + quarter) & 3) {
    case 0:
      return sinReduced(r);
    case 1:
      return cosReduced(r);
    case 2:
      return -sinReduced(r);
    default:
      return -cosReduced(r);
  }
}

/**
 * Sine of an angle in radians; keeps the sign of zero, sin(+-inf) = NaN. Absolute error below 4e-16 for |x| <= 1.6e6;
 * beyond, the angle is taken modulo the double nearest to 2 pi and the error grows as 4e-17 |x|.
 */
export function sin(x: number): number {
  return x === 0 ? x : turned(x, 0);
}

/** Cosine of an angle in radians; accuracy as {@link sin}. */
export function cos(x: number): number {
  return turned(x, 1);
}

/**
 * base^exponent. Integer exponents up to 1024 in size use repeated multiplication; others exp(exponent ln base), whose
 * relative error is up to 1e-13 near overflow. Special values as `Math.pow`.
 */
export function pow(base: number, exponent: number): number {
  if (exponent === 0) return 1;
  const whole = Number.isInteger(exponent);
  if (whole && exponent >= -1024 && exponent <= 1024) return exponent < 0 ? 1 / integerPower(base, -exponent) : integerPower(base, exponent);
  if (base < 0 && !whole && exponent - exponent === 0 && base !== -Infinity) return NaN;
  const size = exp(exponent * log(Math.abs(base)));
  const negative = base < 0 || Object.is(base, -0);
  return negative && whole && exponent % 2 !== 0 ? -size : size;
}

function integerPower(base: number, exponent: number): number {
  let result = 1;
  for (let square = base, left = exponent; left > 0; left = Math.floor(left / 2), square *= square) if (left % 2 === 1) result *= square;
  return result;
}
