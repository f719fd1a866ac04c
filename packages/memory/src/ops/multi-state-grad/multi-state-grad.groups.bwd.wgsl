// Heads that share keys and queries add their parts: rows, columns [B, T, H, K + 1] -> dq, dk [B, T, G, K]
@group(0) @binding(0) var<storage, read> rows: array<f32>;
@group(0) @binding(1) var<storage, read> columns: array<f32>;
@group(0) @binding(2) var<storage, read_write> queryGradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> keyGradient: array<f32>;
@group(0) @binding(4) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groupCount: vec3u) {
  let index = id.x + id.y * groupCount.x * 64u;
  if (index >= sizes.batch * sizes.time * sizes.groups * sizes.keyWidth) {
    return;
  }
  let i = index % sizes.keyWidth;
  let group = (index / sizes.keyWidth) % sizes.groups;
  let time = index / sizes.keyWidth / sizes.groups;
  let perGroup = sizes.heads / sizes.groups;
  var querySum = 0.0;
  var keySum = 0.0;
  for (var head = group * perGroup; head < (group + 1u) * perGroup; head++) {
    let at = (time * sizes.heads + head) * (sizes.keyWidth + 1u) + i;
    querySum += rows[at];
    keySum += columns[at];
  }
  queryGradient[index] = querySum;
  keyGradient[index] = keySum;
}
