struct Sizes { size: u32, beta1: f32, beta2: f32, one_minus_beta1: f32, one_minus_beta2: f32, epsilon: f32, weight_decay: f32, unused: u32 }
// In place: parameter, m and v are read and written here.
@group(0) @binding(0) var<storage, read_write> parameter: array<f32>;
@group(0) @binding(1) var<storage, read_write> m: array<f32>;
@group(0) @binding(2) var<storage, read_write> v: array<f32>;
@group(0) @binding(3) var<storage, read> gradient: array<f32>;
// Learning rate, inverse corrections of m and v, scale of the gradient.
@group(0) @binding(4) var<storage, read> controls: array<f32>;
@group(0) @binding(5) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  // A scale that is not finite skips the step; by bits, since compilers assume there are no NaNs.
  if (index >= sizes.size || (bitcast<u32>(controls[3]) & 0x7f800000u) == 0x7f800000u) { return; }
  let g = gradient[index] * controls[3];
  let first = sizes.beta1 * m[index] + sizes.one_minus_beta1 * g;
  let second = sizes.beta2 * v[index] + sizes.one_minus_beta2 * g * g;
  let value = parameter[index];
  parameter[index] = value - controls[0] * (sizes.weight_decay * value + first * controls[1] / (sqrt(second * controls[2]) + sizes.epsilon));
  m[index] = first;
  v[index] = second;
}
