// For software adapters: an invocation makes a 4 x 4 tile, without workgroup memory.
const edge = 4u;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane);
  if (index >= sizes.tiles_m * sizes.tiles_n * sizes.batch * sizes.parts) { return; }
  let place = tile_at(index, edge, edge);
  // Rows and columns past the end read the last one and are not written.
  let rows = min(vec4u(place.row) + vec4u(0u, 1u, 2u, 3u), vec4u(sizes.m - 1u));
  let columns = min(vec4u(place.column) + vec4u(0u, 1u, 2u, 3u), vec4u(sizes.n - 1u));
  var from_a = vec4u(place.a + place.k_first * sizes.step_a) + rows * sizes.row_a;
  var from_b = vec4u(place.b + place.k_first * sizes.step_b) + columns * sizes.column_b;
  var total0 = vec4f(0.0);
  var total1 = vec4f(0.0);
  var total2 = vec4f(0.0);
  var total3 = vec4f(0.0);
  for (var k = place.k_first; k < place.k_end; k++) {
    let right = vec4f(b[from_b.x], b[from_b.y], b[from_b.z], b[from_b.w]);
    total0 += a[from_a.x] * right;
    total1 += a[from_a.y] * right;
    total2 += a[from_a.z] * right;
    total3 += a[from_a.w] * right;
    from_a += vec4u(sizes.step_a);
    from_b += vec4u(sizes.step_b);
  }
  let totals = array(total0, total1, total2, total3);
  for (var i = 0u; i < edge; i++) {
    for (var j = 0u; j < edge; j++) {
      if (place.row + i < sizes.m && place.column + j < sizes.n) { c[place.c + (place.row + i) * sizes.n + place.column + j] = totals[i][j]; }
    }
  }
}
