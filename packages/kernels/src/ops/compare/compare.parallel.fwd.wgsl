// The order of `compareKinds` in core.
override kind: u32;
@group(0) @binding(0) var<storage, read> a: array<Element>;
@group(0) @binding(1) var<storage, read> b: array<Element>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
@group(0) @binding(3) var<uniform> sizes: Strided;

fn holds(left: Element, right: Element) -> bool {
  switch (kind) {
    case 0u: { return left == right; }
    case 1u: { return left != right; }
    case 2u: { return left < right; }
    case 3u: { return left <= right; }
    case 4u: { return left > right; }
    default: { return left >= right; }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  if (index >= sizes.size) { return; }
  let offsets = offsets_at(index);
  y[index] = select(0u, 1u, holds(a[offsets.x], b[offsets.y]));
}
