// For GPUs: a workgroup of 16 x 16 makes a 64 x 64 tile, 4 x 4 an invocation, through tiles of workgroup memory.
const tile = 64u;
const depth = 16u;
var<workgroup> tile_a: array<array<f32, 65>, 16>;
var<workgroup> tile_b: array<array<f32, 65>, 16>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = workgroup.x + workgroup.y * workgroups.x;
  if (index >= sizes.tiles_m * sizes.tiles_n * sizes.batch * sizes.parts) { return; }
  let place = tile_at(index, tile, tile);
  let transpose_a = (sizes.transposes & 1u) != 0u;
  let transpose_b = (sizes.transposes & 2u) != 0u;
  let row = lane / 16u;
  let column = lane % 16u;
  var totals: array<vec4f, 4>;
  for (var k = place.k_first; k < place.k_end; k += depth) {
    for (var load = 0u; load < 4u; load++) {
      let item = load * 256u + lane;
      // Neighbouring lanes read along the dimension that is contiguous in memory.
      let ka = select(item % depth, item / tile, transpose_a);
      let ra = select(item / depth, item % tile, transpose_a);
      var va = 0.0;
      if (k + ka < place.k_end && place.row + ra < sizes.m) { va = a[place.a + (place.row + ra) * sizes.row_a + (k + ka) * sizes.step_a]; }
      tile_a[ka][ra] = va;
      let kb = select(item / tile, item % depth, transpose_b);
      let cb = select(item % tile, item / depth, transpose_b);
      var vb = 0.0;
      if (k + kb < place.k_end && place.column + cb < sizes.n) { vb = b[place.b + (k + kb) * sizes.step_b + (place.column + cb) * sizes.column_b]; }
      tile_b[kb][cb] = vb;
    }
    workgroupBarrier();
    for (var step = 0u; step < depth; step++) {
      // Rows and columns of an invocation lie 16 apart: no bank conflicts.
      let right = vec4f(tile_b[step][column], tile_b[step][column + 16u], tile_b[step][column + 32u], tile_b[step][column + 48u]);
      for (var i = 0u; i < 4u; i++) { totals[i] = fma(vec4f(tile_a[step][row + i * 16u]), right, totals[i]); }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 4u; i++) {
    let at_row = place.row + row + i * 16u;
    for (var j = 0u; j < 4u; j++) {
      let at_column = place.column + column + j * 16u;
      if (at_row < sizes.m && at_column < sizes.n) { c[place.c + at_row * sizes.n + at_column] = totals[i][j]; }
    }
  }
}
