// The updates of one row are summed in their order, without atomics: lists of equal indices are made first.
// `clear` empties head[row]; `link` sets head[row] to the first update of the row and next[i] to the one after i;
// `add` walks a row's list, one invocation an element.
@group(0) @binding(0) var<storage, read> indices: array<i32>;
@group(0) @binding(1) var<storage, read> updates: array<f32>;
@group(0) @binding(2) var<storage, read_write> head: array<u32>;
@group(0) @binding(3) var<storage, read_write> next: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
// Updates, rows, width.
@group(0) @binding(5) var<uniform> size: vec4u;

const none = 0xffffffffu;

@compute @workgroup_size(64)
fn clear(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = invocation(workgroup, workgroups, lane);
  if (row < size.y) { head[row] = none; }
}

@compute @workgroup_size(64)
fn link(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let own = invocation(workgroup, workgroups, lane);
  if (own >= size.x) { return; }
  let row = indices[own];
  var after = own + 1u;
  while (after < size.x && indices[after] != row) { after++; }
  next[own] = select(none, after, after < size.x);
  var before = own;
  while (before > 0u && indices[before - 1u] != row) { before--; }
  if (before == 0u && u32(row) < size.y) { head[row] = own; }
}

@compute @workgroup_size(64)
fn add(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  if (index >= size.y * size.z) { return; }
  let column = index % size.z;
  var total = 0.0;
  var block = 0.0;
  var count = 0u;
  for (var own = head[index / size.z]; own != none; own = next[own]) {
    block += updates[own * size.z + column];
    count++;
    if (count % 32u == 0u) {
      total += block;
      block = 0.0;
    }
  }
  y[index] = total + block;
}
