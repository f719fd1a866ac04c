// The tokens of each head on the grid: the partial chunk of the state, then this call's; a row is k | v | g. rows [B, H, 64 + T, K + V + 1]
struct Sizes {
  batch: u32,
  time: u32,
  groups: u32,
  heads: u32,
  keyWidth: u32,
  valueWidth: u32,
  capacity: u32,
  numbersWidth: u32,
  countersWidth: u32,
}

@group(0) @binding(0) var<storage, read> k: array<f32>;
@group(0) @binding(1) var<storage, read> v: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read> keys: array<f32>;
@group(0) @binding(4) var<storage, read> values: array<f32>;
@group(0) @binding(5) var<storage, read> numbers: array<f32>;
@group(0) @binding(6) var<storage, read> counters: array<i32>;
@group(0) @binding(7) var<storage, read_write> rows: array<f32>;
@group(0) @binding(8) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groupCount: vec3u) {
  let index = id.x + id.y * groupCount.x * 64u;
  let width = sizes.keyWidth + sizes.valueWidth + 1u;
  let count = 64u + sizes.time;
  if (index >= sizes.batch * sizes.heads * count * width) {
    return;
  }
  let column = index % width;
  let row = (index / width) % count;
  let lane = index / width / count;
  let b = lane / sizes.heads;
  let head = lane % sizes.heads;
  let group = head * sizes.groups / sizes.heads;
  let held = u32(counters[lane * sizes.countersWidth]) % 64u;
  let fromState = row < held;
  let source = select((b * sizes.time + row - held), b * 64u + row, fromState);
  var value = 0.0;
  if (fromState || row - held < sizes.time) {
    if (column < sizes.keyWidth) {
      let at = (source * sizes.groups + group) * sizes.keyWidth + column;
      if (fromState) { value = keys[at]; } else { value = k[at]; }
    } else if (column + 1u < width) {
      let at = (source * sizes.heads + head) * sizes.valueWidth + column - sizes.keyWidth;
      if (fromState) { value = values[at]; } else { value = v[at]; }
    } else if (fromState) {
      value = numbers[lane * sizes.numbersWidth + 2u + 2u * sizes.capacity + row];
    } else {
      value = g[source * sizes.heads + head];
    }
  }
  rows[index] = value;
}
