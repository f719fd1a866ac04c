// A slot every blockLength tokens; one invocation a head.
@group(0) @binding(3) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groupCount: vec3u) {
  let lane = id.x + id.y * groupCount.x * 64u;
  if (lane >= sizes.batch * sizes.heads) {
    return;
  }
  let at = headOf(lane);
  for (var t = 0u; t < sizes.time; t++) {
    decide(at, t, 0.0, u32(counters[at.i]) % sizes.blockLength == 0u, noDecision);
  }
}
