@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
// Lines, length of the axis, elements after it, 1 from the end.
@group(0) @binding(2) var<uniform> size: vec4u;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  if (index >= size.x) { return; }
  let start = index / size.z * size.y * size.z + index % size.z;
  // Blocks of 32 keep long sums close: what is before the block, and the block's own sum.
  var before = 0.0;
  var block = 0.0;
  for (var step = 0u; step < size.y; step++) {
    let position = start + select(step, size.y - 1u - step, size.w == 1u) * size.z;
    if (step % 32u == 0u) {
      before += block;
      block = 0.0;
    }
    block += x[position];
    y[position] = before + block;
  }
}
