@group(0) @binding(0) var<storage, read_write> y: array<u32>;
// Elements, bits of the value.
@group(0) @binding(1) var<uniform> size: vec4u;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  if (index < size.x) { y[index] = size.y; }
}
