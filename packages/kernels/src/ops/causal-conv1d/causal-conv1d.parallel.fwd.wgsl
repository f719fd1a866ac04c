// y_{t,d} = bias_d + sum_w weight_{d,w} x_{t-width+1+w,d}; times before 0 lie in the state. `next` makes the new state.
struct Sizes { batch: u32, time: u32, channels: u32, width: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> state: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> next_state: array<f32>;
@group(0) @binding(6) var<uniform> sizes: Sizes;

// Input number `position`, counted from the oldest of the state.
fn input_at(item: u32, position: u32, channel: u32) -> f32 {
  let before = sizes.width - 1u;
  if (position < before) { return state[(item * before + position) * sizes.channels + channel]; }
  return x[(item * sizes.time + position - before) * sizes.channels + channel];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  if (index >= sizes.batch * sizes.time * sizes.channels) { return; }
  let channel = index % sizes.channels;
  let time = index / sizes.channels % sizes.time;
  let item = index / sizes.channels / sizes.time;
  var total = bias[channel];
  for (var tap = 0u; tap < sizes.width; tap++) { total += weight[channel * sizes.width + tap] * input_at(item, time + tap, channel); }
  y[index] = total;
}

@compute @workgroup_size(64)
fn next(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  let before = sizes.width - 1u;
  if (index >= sizes.batch * before * sizes.channels) { return; }
  let channel = index % sizes.channels;
  let time = index / sizes.channels % before;
  let item = index / sizes.channels / before;
  next_state[index] = input_at(item, sizes.time + time, channel);
}
