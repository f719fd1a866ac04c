enable subgroups;
// result[0]: 1 if every lane saw its subgroup's size as subgroupAdd(1) and lane 0's value by broadcast; counted over 64 lanes.
@group(0) @binding(0) var<storage, read_write> result: array<atomic<u32>>;

@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) lane: u32, @builtin(subgroup_size) size: u32, @builtin(subgroup_invocation_id) id: u32) {
  let members = subgroupAdd(1u);
  let indices = subgroupAdd(id);
  let first = subgroupBroadcastFirst(lane);
  if (members == size && indices == size * (size - 1u) / 2u && first == lane - id) { atomicAdd(&result[0], 1u); }
}
