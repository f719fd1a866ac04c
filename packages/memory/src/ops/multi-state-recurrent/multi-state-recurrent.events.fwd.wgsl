// g | opened | mergedAt | lambda [M] of each token of each head, as floats: [B, T, H, 3 + M]
@group(0) @binding(0) var<storage, read> g: array<f32>;
@group(0) @binding(1) var<storage, read> lambda: array<f32>;
@group(0) @binding(2) var<storage, read> opened: array<u32>;
@group(0) @binding(3) var<storage, read> mergedAt: array<i32>;
@group(0) @binding(4) var<storage, read_write> events: array<f32>;
@group(0) @binding(5) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groupCount: vec3u) {
  let token = id.x + id.y * groupCount.x * 64u;
  if (token >= sizes.batch * sizes.time * sizes.heads) {
    return;
  }
  let row = token * (3u + sizes.slots);
  events[row] = g[token];
  var opens = 0.0;
  var merged = -1.0;
  if (sizes.kind == 1u) {
    opens = f32(opened[token]);
    merged = f32(mergedAt[token]);
  }
  events[row + 1u] = opens;
  events[row + 2u] = merged;
  for (var slot = 0u; slot < sizes.slots; slot++) {
    if (sizes.hasLambda == 1u) {
      events[row + 3u + slot] = lambda[token * sizes.slots + slot];
    } else {
      events[row + 3u + slot] = 1.0;
    }
  }
}
