// For software adapters with subgroups: four lanes make an 8 x 32 tile, 8 x 8 each, without workgroup memory. Every lane loads
// the rows of a at another k and the four exchange them: loads, not multiplications, are what such adapters are slow at.
const tile_rows = 8u;
const tile_columns = 32u;
// Totals of row i, columns 0 to 3 (left) and 4 to 7 (right) of this lane.
var<private> left: array<vec4f, 8>;
var<private> right: array<vec4f, 8>;

// One k: rows 0 to 3 and 4 to 7 of a against columns 0 to 3 and 4 to 7 of b.
fn accumulate(low: vec4f, high: vec4f, b_left: vec4f, b_right: vec4f) {
  left[0] += low.x * b_left;
  right[0] += low.x * b_right;
  left[1] += low.y * b_left;
  right[1] += low.y * b_right;
  left[2] += low.z * b_left;
  right[2] += low.z * b_right;
  left[3] += low.w * b_left;
  right[3] += low.w * b_right;
  left[4] += high.x * b_left;
  right[4] += high.x * b_right;
  left[5] += high.y * b_left;
  right[5] += high.y * b_right;
  left[6] += high.z * b_left;
  right[6] += high.z * b_right;
  left[7] += high.w * b_left;
  right[7] += high.w * b_right;
}

fn load_a(at: vec4u, k: u32) -> vec4f {
  let place = at + vec4u(k * sizes.step_a);
  return vec4f(a[place.x], a[place.y], a[place.z], a[place.w]);
}

fn load_b(at: vec4u, k: u32) -> vec4f {
  let place = at + vec4u(k * sizes.step_b);
  return vec4f(b[place.x], b[place.y], b[place.z], b[place.w]);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = invocation(workgroup, workgroups, lane) / 4u;
  let quad_lane = lane % 4u;
  let inside = index < sizes.tiles_m * sizes.tiles_n * sizes.batch * sizes.parts;
  // Lanes past the end go along with tile 0 and write nothing: exchanges need whole quads.
  let place = tile_at(select(0u, index, inside), tile_rows, tile_columns);
  let first_column = place.column + quad_lane * 8u;
  let steps = vec4u(0u, 1u, 2u, 3u);
  // Rows and columns past the end read the last one and are not written.
  let rows_low = vec4u(place.a) + min(vec4u(place.row) + steps, vec4u(sizes.m - 1u)) * sizes.row_a;
  let rows_high = vec4u(place.a) + min(vec4u(place.row + 4u) + steps, vec4u(sizes.m - 1u)) * sizes.row_a;
  let columns_left = vec4u(place.b) + min(vec4u(first_column) + steps, vec4u(sizes.n - 1u)) * sizes.column_b;
  let columns_right = vec4u(place.b) + min(vec4u(first_column + 4u) + steps, vec4u(sizes.n - 1u)) * sizes.column_b;
  var k = 0u;
  for (; k + 4u <= sizes.k; k += 4u) {
    let low = load_a(rows_low, k + quad_lane);
    let high = load_a(rows_high, k + quad_lane);
    accumulate(quadBroadcast(low, 0u), quadBroadcast(high, 0u), load_b(columns_left, k), load_b(columns_right, k));
    accumulate(quadBroadcast(low, 1u), quadBroadcast(high, 1u), load_b(columns_left, k + 1u), load_b(columns_right, k + 1u));
    accumulate(quadBroadcast(low, 2u), quadBroadcast(high, 2u), load_b(columns_left, k + 2u), load_b(columns_right, k + 2u));
    accumulate(quadBroadcast(low, 3u), quadBroadcast(high, 3u), load_b(columns_left, k + 3u), load_b(columns_right, k + 3u));
  }
  for (; k < sizes.k; k++) { accumulate(load_a(rows_low, k), load_a(rows_high, k), load_b(columns_left, k), load_b(columns_right, k)); }
  if (!inside) { return; }
  for (var i = 0u; i < tile_rows; i++) {
    if (place.row + i >= sizes.m) { return; }
    let start = place.c + (place.row + i) * sizes.n;
    for (var j = 0u; j < 4u; j++) {
      if (first_column + j < sizes.n) { c[start + first_column + j] = left[i][j]; }
      if (first_column + 4u + j < sizes.n) { c[start + first_column + 4u + j] = right[i][j]; }
    }
  }
}
