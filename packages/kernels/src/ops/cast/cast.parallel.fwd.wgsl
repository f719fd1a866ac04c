// dtypes by their position in core's `dtypes`: f32 0, i32 1, u32 2, bool 3, f16 4. One invocation a word of y, so f16 makes two values.
override from_type: u32;
override to_type: u32;
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
// Words of y, elements of x.
@group(0) @binding(2) var<uniform> size: vec4u;

// Integer arithmetic keeps subnormals and NaNs, which hardware conversions may not.
fn half_to_float(half: u32) -> u32 {
  let sign = (half & 0x8000u) << 16u;
  let exponent = (half >> 10u) & 31u;
  let fraction = half & 0x3ffu;
  if (exponent == 31u) { return sign | 0x7f800000u | (fraction << 13u); }
  if (exponent > 0u) { return sign | ((exponent + 112u) << 23u) | (fraction << 13u); }
  if (fraction == 0u) { return sign; }
  let top = firstLeadingBit(fraction);
  return sign | ((top + 103u) << 23u) | ((fraction << (23u - top)) & 0x7fffffu);
}

fn float_to_half(bits: u32) -> u32 {
  let sign = (bits >> 16u) & 0x8000u;
  let size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) { return sign | 0x7e00u; }
  if (size >= 0x47800000u) { return sign | 0x7c00u; }
  if (size < 0x33000000u) { return sign; }
  var shift = 13u;
  var value = size - 0x38000000u;
  if (size < 0x38800000u) {
    shift = 126u - (size >> 23u);
    value = (size & 0x7fffffu) | 0x800000u;
  }
  let rest = value & ((1u << shift) - 1u);
  let half = 1u << (shift - 1u);
  let rounded = value >> shift;
  return sign | (rounded + select(0u, 1u, rest > half || (rest == half && (rounded & 1u) == 1u)));
}

// The bits of element `index` of x as to_type; f16 in the low half.
fn convert(index: u32) -> u32 {
  var bits = 0u;
  if (from_type == 4u) { bits = half_to_float((x[index / 2u] >> ((index & 1u) * 16u)) & 0xffffu); }
  else { bits = x[index]; }
  let from_float = from_type == 0u || from_type == 4u;
  if (to_type == 3u) { return select(0u, 1u, (bits & select(0xffffffffu, 0x7fffffffu, from_float)) != 0u); }
  if (from_float) {
    let value = bitcast<f32>(bits);
    switch (to_type) {
      // The largest f32 below 2^31 and 2^32: beyond them the conversion clamps by hand.
      case 1u: { return select(select(bitcast<u32>(i32(clamp(value, -2147483648.0, 2147483520.0))), 0x7fffffffu, value >= 2147483648.0), 0x80000000u, value < -2147483648.0); }
      case 2u: { return select(u32(clamp(value, 0.0, 4294967040.0)), 0xffffffffu, value >= 4294967296.0); }
      case 4u: { return float_to_half(bits); }
      default: { return bits; }
    }
  }
  if (to_type == 1u || to_type == 2u) { return bits; }
  let value = bitcast<u32>(select(f32(bits), f32(bitcast<i32>(bits)), from_type == 1u));
  if (to_type == 4u) { return float_to_half(value); }
  return value;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  if (index >= size.x) { return; }
  if (to_type != 4u) {
    y[index] = convert(index);
    return;
  }
  var word = convert(index * 2u);
  if (index * 2u + 1u < size.y) { word |= convert(index * 2u + 1u) << 16u; }
  y[index] = word;
}
