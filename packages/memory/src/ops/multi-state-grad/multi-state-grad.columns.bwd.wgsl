// Column s: d loss / d k of this head, d v, and the sum of A_ts over t > s. An invocation holds 16 of the K + V entries of (dk, dv).
// The number of live boundaries between s and t is kept while t walks up: + 1 where a slot opens, - 1 where a boundary after s goes.
// columns [B, T, H, K + 1]: dk | sum of A
@group(0) @binding(0) var<storage, read> q: array<f32>;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read> upstream: array<f32>;
@group(0) @binding(4) var<storage, read> lambda: array<f32>;
@group(0) @binding(5) var<storage, read> lanes: array<Token>;
@group(0) @binding(6) var<storage, read_write> columns: array<f32>;
@group(0) @binding(7) var<storage, read_write> valueGradient: array<f32>;
@group(0) @binding(8) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groupCount: vec3u) {
  let keySlices = (sizes.keyWidth + 15u) / 16u;
  let slices = keySlices + (sizes.valueWidth + 15u) / 16u;
  let index = id.x + id.y * groupCount.x * 64u;
  if (index >= sizes.batch * sizes.heads * sizes.time * slices) {
    return;
  }
  let s = (index / slices) % sizes.time;
  let lane = index / slices / sizes.time;
  let b = lane / sizes.heads;
  let head = lane % sizes.heads;
  let group = head * sizes.groups / sizes.heads;
  let past = (b * sizes.time + s) * sizes.heads + head;
  let slice = index % slices;
  let onKeys = slice < keySlices;
  let leads = slice == 0u;
  let origin = select(slice - keySlices, slice, onKeys) * 16u;
  let count = min(16u, select(sizes.valueWidth, sizes.keyWidth, onKeys) - origin);
  let key = ((b * sizes.time + s) * sizes.groups + group) * sizes.keyWidth;
  var between = LogDecay(0.0, 0.0);
  var sums: array<f32, 16>;
  var age = 0u;
  var total = 0.0;
  for (var t = s; t < sizes.time; t++) {
    let later = lanes[lane * sizes.time + t];
    if (t > s) {
      age += later.opened;
      age -= select(0u, 1u, later.gone > s + 1u);
      between = addDecay(between, later.g);
    }
    let token = (b * sizes.time + t) * sizes.heads + head;
    let query = ((b * sizes.time + t) * sizes.groups + group) * sizes.keyWidth;
    let faded = exp(between.sum);
    var weight = faded;
    if (sizes.hasLambda == 1u) {
      weight *= lambda[token * sizes.slots + slotIndex(t, s, age)];
    }
    var read = 0.0;
    if (leads || !onKeys) {
      for (var i = 0u; i < sizes.keyWidth; i++) {
        read += q[query + i] * k[key + i];
      }
    }
    var weighted = 0.0;
    if (onKeys) {
      for (var j = 0u; j < sizes.valueWidth; j++) {
        weighted += upstream[token * sizes.valueWidth + j] * v[past * sizes.valueWidth + j];
      }
    }
    if (onKeys) {
      total += select(weight * read * weighted, 0.0, s == t);
      for (var i = 0u; i < count; i++) {
        sums[i] += weight * weighted * q[query + origin + i];
      }
    } else {
      for (var j = 0u; j < count; j++) {
        sums[j] += weight * read * upstream[token * sizes.valueWidth + origin + j];
      }
    }
  }
  if (onKeys) {
    let row = past * (sizes.keyWidth + 1u);
    for (var i = 0u; i < count; i++) {
      columns[row + origin + i] = sums[i];
    }
    if (leads) {
      columns[row + sizes.keyWidth] = total;
    }
  } else {
    for (var j = 0u; j < count; j++) {
      valueGradient[past * sizes.valueWidth + origin + j] = sums[j];
    }
  }
}
