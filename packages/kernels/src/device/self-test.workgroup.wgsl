// result[0]: sum of 1..64 through barriers; result[1]: 1 if workgroup memory started as zeros.
@group(0) @binding(0) var<storage, read_write> result: array<u32>;
var<workgroup> parts: array<u32, 64>;
var<workgroup> untouched: array<u32, 64>;

@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) lane: u32) {
  var zero = 1u;
  if (lane == 0u) {
    for (var index = 0u; index < 64u; index++) { zero = select(0u, zero, untouched[index] == 0u); }
  }
  workgroupBarrier();
  untouched[lane] = 7u;
  parts[lane] = lane + 1u;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half = half / 2u) {
    if (lane < half) { parts[lane] += parts[lane + half]; }
    workgroupBarrier();
  }
  if (lane == 0u) {
    result[0] = parts[0];
    result[1] = zero;
  }
}
