// With r = 1/rms and n = x r: dx = r (w dy - n mean(w dy n)); dweight = sum over rows of dy n.
// `row` makes dx and keeps r; `column` sums dweight over each part of the rows.
struct Sizes { rows: u32, width: u32, epsilon: f32, parts: u32, rows_each: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;
@group(0) @binding(4) var<storage, read_write> scales: array<f32>;
@group(0) @binding(5) var<storage, read_write> partial: array<f32>;
@group(0) @binding(6) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn row(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let own = row_of(workgroup, workgroups, lane);
  if (own >= sizes.rows) { return; }
  let start = own * sizes.width;
  var squares = 0.0;
  var inner = 0.0;
  for (var column = row_start(lane); column < sizes.width; column += row_step) {
    let value = x[start + column];
    squares += value * value;
    inner += dy[start + column] * value * weight[column];
  }
  let width = f32(sizes.width);
  let scale = 1.0 / sqrt(row_sum(squares, lane) / width + sizes.epsilon);
  let mean = row_sum(inner, lane) / width * scale * scale;
  for (var column = row_start(lane); column < sizes.width; column += row_step) {
    dx[start + column] = scale * (weight[column] * dy[start + column] - x[start + column] * mean);
  }
  if (row_start(lane) == 0u) { scales[own] = scale; }
}

@compute @workgroup_size(64)
fn column(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  if (index >= sizes.parts * sizes.width) { return; }
  let first = index / sizes.width * sizes.rows_each;
  var total = 0.0;
  for (var own = first; own < min(first + sizes.rows_each, sizes.rows); own++) {
    let position = own * sizes.width + index % sizes.width;
    total += dy[position] * x[position] * scales[own];
  }
  partial[index] = total;
}
