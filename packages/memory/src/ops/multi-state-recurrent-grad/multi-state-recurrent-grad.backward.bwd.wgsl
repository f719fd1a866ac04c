// Backward over slot gradients, which take the place of the matrices: a merge in forward is a copy here.
// columns [B, T, H, K + 1]: dk | k . dk
@group(0) @binding(0) var<storage, read_write> work: array<f32>;
@group(0) @binding(1) var<storage, read> q: array<f32>;
@group(0) @binding(2) var<storage, read> k: array<f32>;
@group(0) @binding(3) var<storage, read> v: array<f32>;
@group(0) @binding(4) var<storage, read> upstream: array<f32>;
@group(0) @binding(5) var<storage, read> events: array<f32>;
@group(0) @binding(6) var<storage, read_write> columns: array<f32>;
@group(0) @binding(7) var<storage, read_write> valueGradient: array<f32>;
@group(0) @binding(8) var<uniform> sizes: Sizes;

var<workgroup> partial: array<f32, 64>;

fn liveSlots(lane: u32) -> u32 {
  return select(sizes.slots, getCount(lane), sizes.kind == 1u);
}

fn placeOf(lane: u32, live: u32, position: u32) -> u32 {
  if (sizes.kind == 1u) {
    return getPlace(lane, live - 1u - position);
  }
  return position;
}

// Undo what a token did to the book; change.into is copied to change.from .. from + fromCount - 1.
fn rewind(lane: u32, opened: bool, mergedAt: i32) {
  var made = Change(0u, 0u, 0u, 0u, 0u, 0u);
  let now = getTime(lane) - 1u;
  setTime(lane, now);
  if (sizes.kind == 2u) {
    made.into = carryTarget(now, sizes.slots);
    made.fromCount = made.into;
  }
  if (sizes.kind == 1u && opened) {
    let count = getCount(lane);
    if (mergedAt < 0) {
      setCount(lane, count - 1u);
    } else {
      let pair = u32(mergedAt);
      let place = getPlace(lane, count - 1u);
      for (var slot = count - 1u; slot > pair + 1u; slot--) {
        setPlace(lane, slot, getPlace(lane, slot - 1u));
      }
      setPlace(lane, pair + 1u, place);
      made.into = getPlace(lane, pair);
      made.origin = place;
      made.fromCount = 1u;
    }
  }
  change = made;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) groupCount: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let lane = workgroup.x + workgroup.y * groupCount.x;
  if (lane >= sizes.batch * sizes.heads) {
    return;
  }
  let b = lane / sizes.heads;
  let head = lane % sizes.heads;
  let group = head * sizes.groups / sizes.heads;
  let cells = sizes.keyWidth * sizes.valueWidth;
  let matrix = lane * sizes.slots * cells;
  for (var cell = local.x; cell < sizes.slots * cells; cell += 64u) {
    work[matrix + cell] = 0.0;
  }
  for (var back = 1u; back <= sizes.time; back++) {
    storageBarrier();
    workgroupBarrier();
    let t = sizes.time - back;
    let token = (b * sizes.time + t) * sizes.heads + head;
    let event = token * (3u + sizes.slots);
    let key = ((b * sizes.time + t) * sizes.groups + group) * sizes.keyWidth;
    let d = token * sizes.valueWidth;
    let live = liveSlots(lane);
    for (var position = 0u; position < live; position++) {
      let origin = matrix + placeOf(lane, live, position) * cells;
      let weight = events[event + 3u + position];
      for (var cell = local.x; cell < cells; cell += 64u) {
        work[origin + cell] += weight * q[key + cell / sizes.valueWidth] * upstream[d + cell % sizes.valueWidth];
      }
    }
    storageBarrier();
    workgroupBarrier();
    let open = matrix + placeOf(lane, live, 0u) * cells;
    for (var j = local.x; j < sizes.valueWidth; j += 64u) {
      var sum = 0.0;
      for (var i = 0u; i < sizes.keyWidth; i++) {
        sum += work[open + i * sizes.valueWidth + j] * k[key + i];
      }
      valueGradient[d + j] = sum;
    }
    var total = 0.0;
    for (var i = local.x; i < sizes.keyWidth; i += 64u) {
      var sum = 0.0;
      for (var j = 0u; j < sizes.valueWidth; j++) {
        sum += work[open + i * sizes.valueWidth + j] * v[d + j];
      }
      columns[token * (sizes.keyWidth + 1u) + i] = sum;
      total += sum * k[key + i];
    }
    partial[local.x] = total;
    storageBarrier();
    workgroupBarrier();
    if (local.x == 0u) {
      var sum = 0.0;
      for (var i = 0u; i < 64u; i++) {
        sum += partial[i];
      }
      columns[token * (sizes.keyWidth + 1u) + sizes.keyWidth] = sum;
      rewind(lane, events[event + 1u] == 1.0, i32(events[event + 2u]));
    }
    workgroupBarrier();
    let alpha = exp(events[event]);
    for (var cell = local.x; cell < cells; cell += 64u) {
      for (var place = 0u; place < sizes.slots; place++) {
        work[matrix + place * cells + cell] *= alpha;
      }
      for (var part = 0u; part < change.fromCount; part++) {
        work[matrix + (change.origin + part) * cells + cell] = work[matrix + change.into * cells + cell];
      }
    }
  }
}
