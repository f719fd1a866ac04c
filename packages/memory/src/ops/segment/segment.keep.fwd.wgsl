// The partial chunk at the call's end goes into the state. counters already holds the new time.
struct Sizes {
  batch: u32,
  time: u32,
  groups: u32,
  heads: u32,
  keyWidth: u32,
  valueWidth: u32,
  countersWidth: u32,
}

@group(0) @binding(0) var<storage, read> rows: array<f32>;
@group(0) @binding(1) var<storage, read> counters: array<i32>;
@group(0) @binding(2) var<storage, read_write> keys: array<f32>;
@group(0) @binding(3) var<storage, read_write> values: array<f32>;
@group(0) @binding(4) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groupCount: vec3u) {
  let width = sizes.keyWidth + sizes.valueWidth;
  let index = id.x + id.y * groupCount.x * 64u;
  if (index >= sizes.batch * sizes.heads * 64u * width) {
    return;
  }
  let column = index % width;
  let position = (index / width) % 64u;
  let lane = index / width / 64u;
  let b = lane / sizes.heads;
  let head = lane % sizes.heads;
  let perGroup = sizes.heads / sizes.groups;
  let now = u32(counters[lane * sizes.countersWidth]);
  let before = now - sizes.time;
  let row = now / 64u * 64u + position - before / 64u * 64u;
  if (position >= now % 64u || row < before % 64u) {
    return;
  }
  let value = rows[(lane * (64u + sizes.time) + row) * (width + 1u) + column];
  if (column < sizes.keyWidth) {
    if (head % perGroup == 0u) {
      keys[((b * 64u + position) * sizes.groups + head / perGroup) * sizes.keyWidth + column] = value;
    }
  } else {
    values[((b * 64u + position) * sizes.heads + head) * sizes.valueWidth + column - sizes.keyWidth] = value;
  }
}
