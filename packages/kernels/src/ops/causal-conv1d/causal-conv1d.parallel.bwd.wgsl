// `inputs` makes dx and dstate; `weights` sums dweight and dbias over each part of the B x T rows.
struct Sizes { batch: u32, time: u32, channels: u32, width: u32, parts: u32, rows_each: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> state: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;
@group(0) @binding(5) var<storage, read_write> dstate: array<f32>;
@group(0) @binding(6) var<storage, read_write> partial_weight: array<f32>;
@group(0) @binding(7) var<storage, read_write> partial_bias: array<f32>;
@group(0) @binding(8) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn inputs(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  let before = sizes.width - 1u;
  let length = sizes.time + before;
  if (index >= sizes.batch * length * sizes.channels) { return; }
  let channel = index % sizes.channels;
  // Counted from the oldest input of the state; it meets the outputs position - before .. position.
  let position = index / sizes.channels % length;
  let item = index / sizes.channels / length;
  var total = 0.0;
  for (var tap = 0u; tap < sizes.width; tap++) {
    if (position < tap || position - tap >= sizes.time) { continue; }
    total += weight[channel * sizes.width + tap] * dy[(item * sizes.time + position - tap) * sizes.channels + channel];
  }
  if (position < before) { dstate[(item * before + position) * sizes.channels + channel] = total; }
  else { dx[(item * sizes.time + position - before) * sizes.channels + channel] = total; }
}

@compute @workgroup_size(64)
fn weights(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  if (index >= sizes.parts * (sizes.width + 1u) * sizes.channels) { return; }
  let channel = index % sizes.channels;
  // Tap `width` stands for the bias.
  let tap = index / sizes.channels % (sizes.width + 1u);
  let part = index / sizes.channels / (sizes.width + 1u);
  let before = sizes.width - 1u;
  let first = part * sizes.rows_each;
  var total = 0.0;
  for (var row = first; row < min(first + sizes.rows_each, sizes.batch * sizes.time); row++) {
    let d = dy[row * sizes.channels + channel];
    let time = row % sizes.time;
    var value = 1.0;
    if (tap < sizes.width) {
      if (time + tap < before) { value = state[((row / sizes.time) * before + time + tap) * sizes.channels + channel]; }
      else { value = x[(row + tap - before) * sizes.channels + channel]; }
    }
    total += d * value;
  }
  if (tap < sizes.width) { partial_weight[(part * sizes.channels + channel) * sizes.width + tap] = total; }
  else { partial_bias[part * sizes.channels + channel] = total; }
}
