/** Conversions between float32 and the two 16-bit float formats, rounding to nearest with ties to even. */

const real = new Float32Array(1);
const bits = new Uint32Array(real.buffer);

/** Bits of the IEEE binary16 nearest to `value` (first rounded to float32). Above 65519.99 gives infinity; NaN stays NaN (0x7e00 | sign). */
export function toFloat16(value: number): number {
  real[0] = value;
  const source = bits[0] as number;
  const sign = (source >>> 16) & 0x8000;
  const size = source & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  if (size >= 0x477ff000) return sign | 0x7c00;
  if (size >= 0x38800000) {
    // Normal: move the exponent bias from 127 to 15 and round off 13 bits; a carry runs into the exponent, as it should.
    const rebased = size - 0x38000000;
    return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
  }
  // Subnormal: the unit is 2^-24.
  real[0] = size >= 0x33000000 ? Math.abs(real[0] as number) * 16777216 : 0;
  const scaled = real[0] as number;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  return sign | (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor);
}

/** The value of IEEE binary16 bits (the low 16 bits of `half`); exact. */
export function fromFloat16(half: number): number {
  const exponent = (half >>> 10) & 31;
  const fraction = half & 0x3ff;
  const sign = half & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * (fraction / 16777216);
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  bits[0] = ((half & 0x8000) << 16) | ((exponent + 112) << 23) | (fraction << 13);
  return real[0] as number;
}

/** Bits of the bfloat16 nearest to `value` (first rounded to float32); NaN stays NaN (quiet). */
export function toBfloat16(value: number): number {
  real[0] = value;
  const source = bits[0] as number;
  if ((source & 0x7fffffff) > 0x7f800000) return (source >>> 16) | 0x40;
  return (source + 0x7fff + ((source >>> 16) & 1)) >>> 16;
}

/** The value of bfloat16 bits (the low 16 bits of `brain`); exact. */
export function fromBfloat16(brain: number): number {
  bits[0] = brain << 16;
  return real[0] as number;
}

/** Elementwise {@link toFloat16}. */
export function encodeFloat16(values: Float32Array): Uint16Array {
  const result = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = toFloat16(values[i] as number);
  return result;
}

/** Elementwise {@link fromFloat16}. */
export function decodeFloat16(halves: Uint16Array): Float32Array {
  const result = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) result[i] = fromFloat16(halves[i] as number);
  return result;
}

/** Elementwise {@link toBfloat16}. */
export function encodeBfloat16(values: Float32Array): Uint16Array {
  const result = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = toBfloat16(values[i] as number);
  return result;
}

/** Elementwise {@link fromBfloat16}. */
export function decodeBfloat16(brains: Uint16Array): Float32Array {
  const result = new Float32Array(brains.length);
  for (let i = 0; i < brains.length; i++) result[i] = fromBfloat16(brains[i] as number);
  return result;
}
