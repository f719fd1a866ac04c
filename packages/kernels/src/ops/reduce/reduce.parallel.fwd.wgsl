// One invocation combines every `parts`-th element of one output's elements, in blocks of 64 to keep sums exact;
// a second pass over the parts ends it. The order is fixed.
override kind: u32;
struct Reduction {
  outputs: u32,
  parts: u32,
  length: u32,
  identity: u32,
  kept_rank: u32,
  reduced_rank: u32,
  parts_first: u32,
  unused: u32,
  // Size and step in x.
  kept: array<vec4u, 8>,
  reduced: array<vec4u, 8>,
}
@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read_write> y: array<Element>;
@group(0) @binding(2) var<uniform> sizes: Reduction;

fn combine(left: Element, right: Element) -> Element {
  switch (kind) {
    case 0u: { return left + right; }
    case 1u: { return select(left, right, right > left); }
    default: { return select(left, right, right < left); }
  }
}

fn kept_offset(output: u32) -> u32 {
  var rest = output;
  var offset = 0u;
  for (var axis = i32(sizes.kept_rank) - 1; axis >= 0; axis--) {
    offset += (rest % sizes.kept[axis].x) * sizes.kept[axis].y;
    rest /= sizes.kept[axis].x;
  }
  return offset;
}

fn reduced_offset(position: u32) -> u32 {
  if (sizes.reduced_rank <= 1u) { return position * sizes.reduced[0].y; }
  var rest = position;
  var offset = 0u;
  for (var axis = i32(sizes.reduced_rank) - 1; axis >= 0; axis--) {
    offset += (rest % sizes.reduced[axis].x) * sizes.reduced[axis].y;
    rest /= sizes.reduced[axis].x;
  }
  return offset;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  if (index >= sizes.outputs * sizes.parts) { return; }
  // Neighbouring lanes read neighbouring elements, whichever way x lies.
  let output = select(index % sizes.outputs, index / sizes.parts, sizes.parts_first == 1u);
  let part = select(index / sizes.outputs, index % sizes.parts, sizes.parts_first == 1u);
  let start = kept_offset(output);
  let identity = bitcast<Element>(sizes.identity);
  var total = identity;
  var position = part;
  while (position < sizes.length) {
    var block = identity;
    for (var count = 0u; count < 64u && position < sizes.length; count++) {
      block = combine(block, x[start + reduced_offset(position)]);
      position += sizes.parts;
    }
    total = combine(total, block);
  }
  y[part * sizes.outputs + output] = total;
}
