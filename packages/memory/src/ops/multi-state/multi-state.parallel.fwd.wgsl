// Formula (1): an invocation holds 16 values of one row t and walks s from t down, counting live boundaries on the way.
@group(0) @binding(0) var<storage, read> q: array<f32>;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read> lambda: array<f32>;
@group(0) @binding(4) var<storage, read> lanes: array<Token>;
@group(0) @binding(5) var<storage, read_write> o: array<f32>;
@group(0) @binding(6) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groupCount: vec3u) {
  let slices = (sizes.valueWidth + 15u) / 16u;
  let index = id.x + id.y * groupCount.x * 64u;
  if (index >= sizes.batch * sizes.heads * sizes.time * slices) {
    return;
  }
  let t = (index / slices) % sizes.time;
  let lane = index / slices / sizes.time;
  let b = lane / sizes.heads;
  let head = lane % sizes.heads;
  let group = head * sizes.groups / sizes.heads;
  let token = (b * sizes.time + t) * sizes.heads + head;
  let origin = (index % slices) * 16u;
  let count = min(16u, sizes.valueWidth - origin);
  let query = ((b * sizes.time + t) * sizes.groups + group) * sizes.keyWidth;
  var between = LogDecay(0.0, 0.0);
  var sums: array<f32, 16>;
  var age = 0u;
  for (var back = 0u; back <= t; back++) {
    let s = t - back;
    let past = lanes[lane * sizes.time + s];
    let key = ((b * sizes.time + s) * sizes.groups + group) * sizes.keyWidth;
    var weight = 0.0;
    for (var i = 0u; i < sizes.keyWidth; i++) {
      weight += q[query + i] * k[key + i];
    }
    weight *= exp(between.sum);
    if (sizes.hasLambda == 1u) {
      weight *= lambda[token * sizes.slots + slotIndex(t, s, age)];
    }
    let value = ((b * sizes.time + s) * sizes.heads + head) * sizes.valueWidth + origin;
    for (var j = 0u; j < count; j++) {
      sums[j] += weight * v[value + j];
    }
    age += select(0u, 1u, past.opened == 1u && t < past.death);
    between = addDecay(between, past.g);
  }
  for (var j = 0u; j < count; j++) {
    o[token * sizes.valueWidth + origin + j] = sums[j];
  }
}
