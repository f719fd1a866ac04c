// dg_t = sum over u >= t of (row sum - column sum)_u; one invocation a head.
@group(0) @binding(0) var<storage, read> rows: array<f32>;
@group(0) @binding(1) var<storage, read> columns: array<f32>;
@group(0) @binding(2) var<storage, read_write> decayGradient: array<f32>;
@group(0) @binding(3) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groupCount: vec3u) {
  let lane = id.x + id.y * groupCount.x * 64u;
  if (lane >= sizes.batch * sizes.heads) {
    return;
  }
  let source = lane / sizes.heads * sizes.time * sizes.heads + lane % sizes.heads;
  var sum = 0.0;
  var lost = 0.0;
  for (var back = 1u; back <= sizes.time; back++) {
    let at = source + (sizes.time - back) * sizes.heads;
    let row = at * (sizes.keyWidth + 1u) + sizes.keyWidth;
    let step = (rows[row] - columns[row]) - lost;
    let next = sum + step;
    lost = (next - sum) - step;
    sum = next;
    decayGradient[at] = sum;
  }
}
