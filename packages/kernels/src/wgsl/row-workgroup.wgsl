// A row by a workgroup: lanes take every 64th element, sums go up a fixed tree.
const row_step = 64u;
var<workgroup> row_parts: array<f32, 64>;

fn row_of(workgroup: vec3u, workgroups: vec3u, lane: u32) -> u32 { return workgroup.x + workgroup.y * workgroups.x; }
fn row_start(lane: u32) -> u32 { return lane; }

fn row_sum(value: f32, lane: u32) -> f32 {
  row_parts[lane] = value;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half /= 2u) {
    if (lane < half) { row_parts[lane] += row_parts[lane + half]; }
    workgroupBarrier();
  }
  let total = row_parts[0];
  workgroupBarrier();
  return total;
}

fn row_max(value: f32, lane: u32) -> f32 {
  row_parts[lane] = value;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half /= 2u) {
    if (lane < half) { row_parts[lane] = max(row_parts[lane], row_parts[lane + half]); }
    workgroupBarrier();
  }
  let largest = row_parts[0];
  workgroupBarrier();
  return largest;
}
