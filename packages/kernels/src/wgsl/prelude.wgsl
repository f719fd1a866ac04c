// Put before every kernel of this package. Grids larger than one dimension allows are folded over x and y.
const lanes = 64u;

// The number of this invocation in a folded grid of workgroups of `lanes`.
fn invocation(workgroup: vec3u, workgroups: vec3u, lane: u32) -> u32 {
  return (workgroup.x + workgroup.y * workgroups.x) * lanes + lane;
}

fn stable_sigmoid(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}

// ln(1 + e^x); the series keeps small values exact where 1 + e would round them away.
fn stable_softplus(x: f32) -> f32 {
  let e = exp(-abs(x));
  let series = e * (1.0 - e * (0.5 - e * (1.0 / 3.0 - e * (0.25 - e * 0.2))));
  return max(x, 0.0) + select(log(1.0 + e), series, e < 0.05);
}

// tanh without overflow, and without cancellation near 0.
fn stable_tanh(x: f32) -> f32 {
  let size = min(abs(x), 20.0);
  let square = size * size;
  let rational = size * (945.0 + square * (105.0 + square)) / (945.0 + square * (420.0 + square * 15.0));
  let value = select(1.0 - 2.0 / (exp(2.0 * size) + 1.0), rational, size < 0.35);
  return select(value, -value, x < 0.0);
}
