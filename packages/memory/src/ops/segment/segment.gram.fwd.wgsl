// gram[b, h, r, s] = (k_r . k_s)(v_r . v_s) for the tokens s <= r of r's chunk; [B, H, 64 + T, 64]
struct Sizes {
  lanes: u32,
  time: u32,
  keyWidth: u32,
  valueWidth: u32,
  countersWidth: u32,
}

@group(0) @binding(0) var<storage, read> rows: array<f32>;
@group(0) @binding(1) var<storage, read> counters: array<i32>;
@group(0) @binding(2) var<storage, read_write> gram: array<f32>;
@group(0) @binding(3) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) groupCount: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let count = 64u + sizes.time;
  let at = workgroup.x + workgroup.y * groupCount.x;
  if (at >= sizes.lanes * count) {
    return;
  }
  let row = at % count;
  let lane = at / count;
  let other = row / 64u * 64u + local.x;
  let held = u32(counters[lane * sizes.countersWidth]) % 64u;
  var product = 0.0;
  if (other <= row && row >= held && row < held + sizes.time) {
    let width = sizes.keyWidth + sizes.valueWidth + 1u;
    let left = (lane * count + row) * width;
    let right = (lane * count + other) * width;
    var keySum = 0.0;
    for (var i = 0u; i < sizes.keyWidth; i++) {
      keySum += rows[left + i] * rows[right + i];
    }
    var valueSum = 0.0;
    for (var i = sizes.keyWidth; i + 1u < width; i++) {
      valueSum += rows[left + i] * rows[right + i];
    }
    product = keySum * valueSum;
  }
  gram[at * 64u + local.x] = product;
}
