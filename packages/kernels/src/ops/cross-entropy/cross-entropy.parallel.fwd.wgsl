@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<i32>;
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;
@group(0) @binding(3) var<storage, read_write> log_sums: array<f32>;
// Rows, width.
@group(0) @binding(4) var<uniform> size: vec4u;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = row_of(workgroup, workgroups, lane);
  if (row >= size.x) { return; }
  let start = row * size.y;
  var own = logits[start];
  for (var column = row_start(lane); column < size.y; column += row_step) { own = max(own, logits[start + column]); }
  let largest = row_max(own, lane);
  var part = 0.0;
  for (var column = row_start(lane); column < size.y; column += row_step) { part += exp(logits[start + column] - largest); }
  let log_sum = largest + log(row_sum(part, lane));
  if (row_start(lane) == 0u) {
    // -1 and whatever else lies outside the vocabulary is ignored.
    let target_column = u32(targets[row]);
    var loss = 0.0;
    if (target_column < size.y) { loss = log_sum - logits[start + target_column]; }
    losses[row] = loss;
    log_sums[row] = log_sum;
  }
}
