@group(0) @binding(0) var<storage, read> table: array<f32>;
@group(0) @binding(1) var<storage, read> indices: array<i32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
// Elements of y, width, rows of the table.
@group(0) @binding(3) var<uniform> size: vec4u;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  if (index >= size.x) { return; }
  let row = u32(indices[index / size.y]);
  var value = 0.0;
  if (row < size.z) { value = table[row * size.y + index % size.y]; }
  y[index] = value;
}
