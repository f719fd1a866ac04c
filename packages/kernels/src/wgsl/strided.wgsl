// Row-major walk over the output's dimensions with the step of up to three operands along each.
struct Strided {
  size: u32,
  rank: u32,
  own: vec2u,
  dimensions: array<vec4u, 8>,
}

// Offsets of the operands at output element `index`.
fn offsets_at(index: u32) -> vec3u {
  // Most walks have merged into one: no divisions.
  if (sizes.rank <= 1u) { return index * sizes.dimensions[0].yzw; }
  var rest = index;
  var offsets = vec3u(0u);
  for (var axis = i32(sizes.rank) - 1; axis >= 0; axis--) {
    let dimension = sizes.dimensions[axis];
    offsets += (rest % dimension.x) * dimension.yzw;
    rest /= dimension.x;
  }
  return offsets;
}
