// Words are moved as they are, so NaNs that are not chosen do not matter and those that are keep their bits.
@group(0) @binding(0) var<storage, read> condition: array<u32>;
@group(0) @binding(1) var<storage, read> a: array<u32>;
@group(0) @binding(2) var<storage, read> b: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;
@group(0) @binding(4) var<uniform> sizes: Strided;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  if (index >= sizes.size) { return; }
  let offsets = offsets_at(index);
  y[index] = select(b[offsets.z], a[offsets.y], condition[offsets.x] != 0u);
}
