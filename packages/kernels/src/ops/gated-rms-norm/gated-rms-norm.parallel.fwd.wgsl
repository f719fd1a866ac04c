@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> z: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
struct Sizes { rows: u32, width: u32, epsilon: f32, unused: u32 }
@group(0) @binding(4) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = row_of(workgroup, workgroups, lane);
  if (row >= sizes.rows) { return; }
  let start = row * sizes.width;
  var squares = 0.0;
  for (var column = row_start(lane); column < sizes.width; column += row_step) {
    let gate = z[start + column];
    let value = x[start + column] * gate * stable_sigmoid(gate);
    y[start + column] = value;
    squares += value * value;
  }
  let scale = 1.0 / sqrt(row_sum(squares, lane) / f32(sizes.width) + sizes.epsilon);
  for (var column = row_start(lane); column < sizes.width; column += row_step) { y[start + column] *= scale * weight[column]; }
}
