@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<i32>;
// Outputs, length of the axis, elements after it, bits of -infinity.
@group(0) @binding(2) var<uniform> size: vec4u;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  if (index >= size.x) { return; }
  let start = index / size.z * size.y * size.z + index % size.z;
  var largest = bitcast<f32>(size.w);
  var best = 0u;
  for (var position = 0u; position < size.y; position++) {
    let value = x[start + position * size.z];
    // A NaN compares as unordered, but compilers may drop that: test its bits.
    let ordered = (bitcast<u32>(value) & 0x7fffffffu) <= 0x7f800000u;
    if (ordered && value > largest) {
      largest = value;
      best = position;
    }
  }
  y[index] = i32(best);
}
