// Philox4x32-10 with counter (block, 0, 0, 0); an invocation makes the four elements of a block.
@group(0) @binding(0) var<storage, read> key: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
// Elements, bits to shift right.
@group(0) @binding(2) var<uniform> size: vec4u;

// The upper 32 bits of a product, by 16-bit halves.
fn upper_product(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let block = invocation(workgroup, workgroups, lane);
  if (block * 4u >= size.x) { return; }
  var counter = vec4u(block, 0u, 0u, 0u);
  var keys = vec2u(key[0], key[1]);
  for (var round = 0u; round < 10u; round++) {
    let high = vec2u(upper_product(0xd2511f53u, counter.x), upper_product(0xcd9e8d57u, counter.z));
    let low = vec2u(0xd2511f53u * counter.x, 0xcd9e8d57u * counter.z);
    counter = vec4u(high.y ^ counter.y ^ keys.x, low.y, high.x ^ counter.w ^ keys.y, low.x);
    keys += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  for (var element = 0u; element < 4u && block * 4u + element < size.x; element++) { y[block * 4u + element] = counter[element] >> size.y; }
}
