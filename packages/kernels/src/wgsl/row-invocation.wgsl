// A row by one invocation: for software adapters, where barriers are slow.
const row_step = 1u;

fn row_of(workgroup: vec3u, workgroups: vec3u, lane: u32) -> u32 { return invocation(workgroup, workgroups, lane); }
fn row_start(lane: u32) -> u32 { return 0u; }
fn row_sum(value: f32, lane: u32) -> f32 { return value; }
fn row_max(value: f32, lane: u32) -> f32 { return value; }
