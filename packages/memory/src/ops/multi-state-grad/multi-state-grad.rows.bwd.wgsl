// Row t: d loss / d q of this head, d lambda, and the sum of A_ts over s < t, A = dP * P. An invocation holds 16 of the K entries of dq.
// rows [B, T, H, K + 1]: dq | sum of A
@group(0) @binding(0) var<storage, read> q: array<f32>;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read> upstream: array<f32>;
@group(0) @binding(4) var<storage, read> lambda: array<f32>;
@group(0) @binding(5) var<storage, read> lanes: array<Token>;
@group(0) @binding(6) var<storage, read_write> rows: array<f32>;
@group(0) @binding(7) var<storage, read_write> lambdaGradient: array<f32>;
@group(0) @binding(8) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groupCount: vec3u) {
  let slices = (sizes.keyWidth + 15u) / 16u;
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
  let count = min(16u, sizes.keyWidth - origin);
  let leads = origin == 0u;
  let query = ((b * sizes.time + t) * sizes.groups + group) * sizes.keyWidth;
  if (leads && sizes.hasLambda == 1u) {
    for (var slot = 0u; slot < sizes.slots; slot++) {
      lambdaGradient[token * sizes.slots + slot] = 0.0;
    }
  }
  var between = LogDecay(0.0, 0.0);
  var sums: array<f32, 16>;
  var age = 0u;
  var total = 0.0;
  // d lambda of the slot being walked through; slots are runs of s, so one sum at a time is enough.
  var slot = 0u;
  var slotSum = 0.0;
  for (var back = 0u; back <= t; back++) {
    let s = t - back;
    let past = lanes[lane * sizes.time + s];
    let key = ((b * sizes.time + s) * sizes.groups + group) * sizes.keyWidth;
    let value = ((b * sizes.time + s) * sizes.heads + head) * sizes.valueWidth;
    let faded = exp(between.sum);
    var weighted = 0.0;
    for (var j = 0u; j < sizes.valueWidth; j++) {
      weighted += upstream[token * sizes.valueWidth + j] * v[value + j];
    }
    var weight = 1.0;
    let position = slotIndex(t, s, age);
    if (sizes.hasLambda == 1u) {
      weight = lambda[token * sizes.slots + position];
    }
    if (leads) {
      var read = 0.0;
      for (var i = 0u; i < sizes.keyWidth; i++) {
        read += q[query + i] * k[key + i];
      }
      let product = read * faded * weighted;
      if (position != slot) {
        if (sizes.hasLambda == 1u) {
          lambdaGradient[token * sizes.slots + slot] = slotSum;
        }
        slot = position;
        slotSum = 0.0;
      }
      slotSum += product;
      total += select(weight * product, 0.0, s == t);
    }
    let scale = weight * weighted * faded;
    for (var i = 0u; i < count; i++) {
      sums[i] += scale * k[key + origin + i];
    }
    age += select(0u, 1u, past.opened == 1u && t < past.death);
    between = addDecay(between, past.g);
  }
  let row = token * (sizes.keyWidth + 1u);
  for (var i = 0u; i < count; i++) {
    rows[row + origin + i] = sums[i];
  }
  if (leads) {
    rows[row + sizes.keyWidth] = total;
    if (sizes.hasLambda == 1u) {
      lambdaGradient[token * sizes.slots + slot] = slotSum;
    }
  }
}
