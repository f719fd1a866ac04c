// g, opened, death [B, T, H] -> lanes [B, H, T]; one invocation a head.
@group(0) @binding(0) var<storage, read> g: array<f32>;
@group(0) @binding(1) var<storage, read> opened: array<u32>;
@group(0) @binding(2) var<storage, read> death: array<i32>;
@group(0) @binding(3) var<storage, read_write> lanes: array<Token>;
@group(0) @binding(4) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groupCount: vec3u) {
  let lane = id.x + id.y * groupCount.x * 64u;
  if (lane >= sizes.batch * sizes.heads) {
    return;
  }
  let first = lane * sizes.time;
  let source = lane / sizes.heads * sizes.time * sizes.heads + lane % sizes.heads;
  for (var t = 0u; t < sizes.time; t++) {
    let at = source + t * sizes.heads;
    var token = Token(g[at], 0u, 0xffffffffu, 0u);
    if (sizes.kind == 1u && opened[at] == 1u) {
      token.opened = 1u;
      token.death = bitcast<u32>(death[at]);
    }
    lanes[first + t] = token;
  }
  if (sizes.kind == 1u) {
    for (var t = 0u; t < sizes.time; t++) {
      let died = lanes[first + t].death;
      if (died < sizes.time) {
        lanes[first + died].gone = t + 1u;
      }
    }
  }
}
