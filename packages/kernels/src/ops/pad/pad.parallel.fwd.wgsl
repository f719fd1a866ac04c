struct Sizes {
  size: u32,
  rank: u32,
  value: u32,
  unused: u32,
  // Size of y, step of x, width before, size of x.
  dimensions: array<vec4u, 8>,
}
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  if (index >= sizes.size) { return; }
  var rest = index;
  var offset = 0u;
  var inside = true;
  for (var axis = i32(sizes.rank) - 1; axis >= 0; axis--) {
    let dimension = sizes.dimensions[axis];
    // Before the tensor the difference wraps round and is larger than any size.
    let coordinate = rest % dimension.x - dimension.z;
    inside = inside && coordinate < dimension.w;
    offset += coordinate * dimension.y;
    rest /= dimension.x;
  }
  var value = sizes.value;
  if (inside) { value = x[offset]; }
  y[index] = value;
}
