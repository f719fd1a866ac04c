@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
// Rows, width.
@group(0) @binding(2) var<uniform> size: vec4u;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = row_of(workgroup, workgroups, lane);
  if (row >= size.x) { return; }
  let start = row * size.y;
  var own = x[start];
  for (var column = row_start(lane); column < size.y; column += row_step) { own = max(own, x[start + column]); }
  let largest = row_max(own, lane);
  var part = 0.0;
  for (var column = row_start(lane); column < size.y; column += row_step) {
    let value = exp(x[start + column] - largest);
    y[start + column] = value;
    part += value;
  }
  let scale = 1.0 / row_sum(part, lane);
  for (var column = row_start(lane); column < size.y; column += row_step) { y[start + column] *= scale; }
}
