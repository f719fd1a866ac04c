// For software adapters with subgroups: four lanes make a 16 x 32 tile, 16 x 8 each, without workgroup memory. Every lane loads
// the rows of a at another k and the four exchange them: loads, not multiplications, are what such adapters are slow at.
const tile_rows = 16u;
const tile_columns = 32u;
// Totals of row i, columns 0 to 3 (left) and 4 to 7 (right) of this lane.
var<private> left: array<vec4f, 16>;
var<private> right: array<vec4f, 16>;

// Sixteen rows of a at one k.
struct Rows { first: vec4f, second: vec4f, third: vec4f, fourth: vec4f }

fn from_lane0(rows: Rows) -> Rows {
  return Rows(quadBroadcast(rows.first, 0u), quadBroadcast(rows.second, 0u), quadBroadcast(rows.third, 0u), quadBroadcast(rows.fourth, 0u));
}
fn from_lane1(rows: Rows) -> Rows {
  return Rows(quadBroadcast(rows.first, 1u), quadBroadcast(rows.second, 1u), quadBroadcast(rows.third, 1u), quadBroadcast(rows.fourth, 1u));
}
fn from_lane2(rows: Rows) -> Rows {
  return Rows(quadBroadcast(rows.first, 2u), quadBroadcast(rows.second, 2u), quadBroadcast(rows.third, 2u), quadBroadcast(rows.fourth, 2u));
}
fn from_lane3(rows: Rows) -> Rows {
  return Rows(quadBroadcast(rows.first, 3u), quadBroadcast(rows.second, 3u), quadBroadcast(rows.third, 3u), quadBroadcast(rows.fourth, 3u));
}

// One k: the rows against columns 0 to 3 and 4 to 7 of b.
fn accumulate(rows: Rows, b_left: vec4f, b_right: vec4f) {
  left[0] += rows.first.x * b_left;
  right[0] += rows.first.x * b_right;
  left[1] += rows.first.y * b_left;
  right[1] += rows.first.y * b_right;
  left[2] += rows.first.z * b_left;
  right[2] += rows.first.z * b_right;
  left[3] += rows.first.w * b_left;
  right[3] += rows.first.w * b_right;
  left[4] += rows.second.x * b_left;
  right[4] += rows.second.x * b_right;
  left[5] += rows.second.y * b_left;
  right[5] += rows.second.y * b_right;
  left[6] += rows.second.z * b_left;
  right[6] += rows.second.z * b_right;
  left[7] += rows.second.w * b_left;
  right[7] += rows.second.w * b_right;
  left[8] += rows.third.x * b_left;
  right[8] += rows.third.x * b_right;
  left[9] += rows.third.y * b_left;
  right[9] += rows.third.y * b_right;
  left[10] += rows.third.z * b_left;
  right[10] += rows.third.z * b_right;
  left[11] += rows.third.w * b_left;
  right[11] += rows.third.w * b_right;
  left[12] += rows.fourth.x * b_left;
  right[12] += rows.fourth.x * b_right;
  left[13] += rows.fourth.y * b_left;
  right[13] += rows.fourth.y * b_right;
  left[14] += rows.fourth.z * b_left;
  right[14] += rows.fourth.z * b_right;
  left[15] += rows.fourth.w * b_left;
  right[15] += rows.fourth.w * b_right;
}

fn load_a(start: u32, row: u32, k: u32) -> vec4f {
  // Rows past the end read the last one and are not written.
  let rows = min(vec4u(row) + vec4u(0u, 1u, 2u, 3u), vec4u(sizes.m - 1u));
  let place = rows * sizes.row_a + vec4u(start + k * sizes.step_a);
  return vec4f(a[place.x], a[place.y], a[place.z], a[place.w]);
}

fn load_rows(start: u32, row: u32, k: u32) -> Rows {
  return Rows(load_a(start, row, k), load_a(start, row + 4u, k), load_a(start, row + 8u, k), load_a(start, row + 12u, k));
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
  // Columns past the end read the last one and are not written.
  let columns_left = vec4u(place.b) + min(vec4u(first_column) + steps, vec4u(sizes.n - 1u)) * sizes.column_b;
  let columns_right = vec4u(place.b) + min(vec4u(first_column + 4u) + steps, vec4u(sizes.n - 1u)) * sizes.column_b;
  var k = 0u;
  for (; k + 4u <= sizes.k; k += 4u) {
    let own = load_rows(place.a, place.row, k + quad_lane);
    accumulate(from_lane0(own), load_b(columns_left, k), load_b(columns_right, k));
    accumulate(from_lane1(own), load_b(columns_left, k + 1u), load_b(columns_right, k + 1u));
    accumulate(from_lane2(own), load_b(columns_left, k + 2u), load_b(columns_right, k + 2u));
    accumulate(from_lane3(own), load_b(columns_left, k + 3u), load_b(columns_right, k + 3u));
  }
  for (; k < sizes.k; k++) { accumulate(load_rows(place.a, place.row, k), load_b(columns_left, k), load_b(columns_right, k)); }
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
