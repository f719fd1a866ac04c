// A working copy of the state: matrices, then the book of each head.
@group(0) @binding(0) var<storage, read> slots: array<f32>;
@group(0) @binding(1) var<storage, read> scales: array<f32>;
@group(0) @binding(2) var<storage, read> order: array<i32>;
@group(0) @binding(3) var<storage, read_write> work: array<f32>;
@group(0) @binding(4) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groupCount: vec3u) {
  let index = id.x + id.y * groupCount.x * 64u;
  let lanes = sizes.batch * sizes.heads;
  let matrices = lanes * sizes.slots * sizes.keyWidth * sizes.valueWidth;
  let width = 2u + 2u * sizes.slots;
  if (index < matrices) {
    work[index] = slots[index];
  } else if (index < matrices + lanes * width) {
    let lane = (index - matrices) / width;
    let column = (index - matrices) % width;
    if (column < 2u + sizes.slots) {
      work[index] = f32(order[lane * (2u + sizes.slots) + column]);
    } else {
      work[index] = scales[lane * sizes.slots + column - 2u - sizes.slots];
    }
  }
}
