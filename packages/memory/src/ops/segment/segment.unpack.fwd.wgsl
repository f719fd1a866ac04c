// decisions [N, 5] -> score, opened, mergedAt, death, gap [N]
struct Sizes {
  count: u32,
}

@group(0) @binding(0) var<storage, read> decisions: array<u32>;
@group(0) @binding(1) var<storage, read_write> score: array<f32>;
@group(0) @binding(2) var<storage, read_write> opened: array<u32>;
@group(0) @binding(3) var<storage, read_write> mergedAt: array<i32>;
@group(0) @binding(4) var<storage, read_write> death: array<i32>;
@group(0) @binding(5) var<storage, read_write> gap: array<f32>;
@group(0) @binding(6) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groupCount: vec3u) {
  let index = id.x + id.y * groupCount.x * 64u;
  if (index >= sizes.count) {
    return;
  }
  score[index] = bitcast<f32>(decisions[index * 5u]);
  opened[index] = decisions[index * 5u + 1u];
  mergedAt[index] = bitcast<i32>(decisions[index * 5u + 2u]);
  death[index] = bitcast<i32>(decisions[index * 5u + 3u]);
  gap[index] = bitcast<f32>(decisions[index * 5u + 4u]);
}
