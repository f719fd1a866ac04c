@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<i32>;
@group(0) @binding(2) var<storage, read> log_sums: array<f32>;
@group(0) @binding(3) var<storage, read> d: array<f32>;
@group(0) @binding(4) var<storage, read_write> dlogits: array<f32>;
// Elements, width.
@group(0) @binding(5) var<uniform> size: vec4u;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  if (index >= size.x) { return; }
  let row = index / size.y;
  let column = index % size.y;
  let target_column = u32(targets[row]);
  var value = 0.0;
  if (target_column < size.y) { value = (exp(logits[index] - log_sums[row]) - select(0.0, 1.0, column == target_column)) * d[row]; }
  dlogits[index] = value;
}
