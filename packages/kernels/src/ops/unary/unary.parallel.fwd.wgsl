// The order of `unaryKinds` in core.
override kind: u32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> size: vec4u;

// Sine (quadrant 0) or cosine (quadrant 1) after reduction by multiples of pi/2 in three parts; WGSL's own are only good to 2^-11.
fn sine(angle: f32, quadrant: i32) -> f32 {
  let turns = round(angle * 0.63661977236);
  let rest = fma(-turns, 7.54978995489188216e-8, fma(-turns, 4.837512969970703125e-4, fma(-turns, 1.5703125, angle)));
  let z = rest * rest;
  let odd = fma(rest * z, fma(z, fma(z, -1.9515295891e-4, 8.3321608736e-3), -1.6666654611e-1), rest);
  let even = fma(z * z, fma(z, fma(z, 2.443315711809948e-5, -1.388731625493765e-3), 4.166664568298827e-2), fma(z, -0.5, 1.0));
  let place = (i32(turns) + quadrant) & 3;
  let value = select(odd, even, (place & 1) == 1);
  return select(value, -value, place >= 2);
}

fn evaluate(v: f32) -> f32 {
  switch (kind) {
    case 0u: { return -v; }
    case 1u: { return exp(v); }
    case 2u: { return log(v); }
    case 3u: { return sqrt(v); }
    case 4u: { return inverseSqrt(v); }
    case 5u: { return v * v; }
    case 6u: { return 1.0 / v; }
    case 7u: { return abs(v); }
    case 8u: { return stable_sigmoid(v); }
    case 9u: { return stable_tanh(v); }
    case 10u: { return v * stable_sigmoid(v); }
    case 11u: { return max(v, 0.0); }
    case 12u: { return stable_softplus(v); }
    case 13u: { return sine(v, 0); }
    default: { return sine(v, 1); }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  if (index < size.x) { y[index] = evaluate(x[index]); }
}
