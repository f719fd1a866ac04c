// The recurrence once more, for dq, d lambda and q . dq. rows [B, T, H, K + 1]: dq | q . dq
@group(0) @binding(0) var<storage, read_write> work: array<f32>;
@group(0) @binding(1) var<storage, read> q: array<f32>;
@group(0) @binding(2) var<storage, read> k: array<f32>;
@group(0) @binding(3) var<storage, read> v: array<f32>;
@group(0) @binding(4) var<storage, read> upstream: array<f32>;
@group(0) @binding(5) var<storage, read> events: array<f32>;
@group(0) @binding(6) var<storage, read_write> rows: array<f32>;
@group(0) @binding(7) var<storage, read_write> lambdaGradient: array<f32>;
@group(0) @binding(8) var<uniform> sizes: Sizes;

var<workgroup> partial: array<f32, 64>;

// (S d)_i of the slot at a position, without its scale
fn readBack(origin: u32, i: u32, d: u32) -> f32 {
  var sum = 0.0;
  for (var j = 0u; j < sizes.valueWidth; j++) {
    sum += work[origin + i * sizes.valueWidth + j] * upstream[d + j];
  }
  return sum;
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
  for (var t = 0u; t < sizes.time; t++) {
    let token = (b * sizes.time + t) * sizes.heads + head;
    let event = token * (3u + sizes.slots);
    let key = ((b * sizes.time + t) * sizes.groups + group) * sizes.keyWidth;
    let d = token * sizes.valueWidth;
    if (local.x == 0u) {
      arrange(lane, events[event], events[event + 1u] == 1.0, i32(events[event + 2u]));
    }
    workgroupBarrier();
    let alpha = exp(events[event]);
    let into = matrix + change.into * cells;
    let open = matrix + change.open * cells;
    for (var cell = local.x; cell < cells; cell += 64u) {
      if (change.fromCount > 0u) {
        var sum = scaleBefore[change.into] * work[into + cell];
        for (var part = 0u; part < change.fromCount; part++) {
          let place = change.origin + part;
          sum += scaleBefore[place] * work[matrix + place * cells + cell];
          work[matrix + place * cells + cell] = 0.0;
        }
        work[into + cell] = sum;
      }
      var old = 0.0;
      if (change.clears == 0u) {
        old = work[open + cell];
      }
      work[open + cell] = alpha * old + k[key + cell / sizes.valueWidth] * v[d + cell % sizes.valueWidth];
    }
    storageBarrier();
    workgroupBarrier();
    var total = 0.0;
    for (var i = local.x; i < sizes.keyWidth; i += 64u) {
      var sum = 0.0;
      for (var position = 0u; position < change.live; position++) {
        sum += events[event + 3u + position] * readScale[position] * readBack(matrix + readPlace[position] * cells, i, d);
      }
      rows[token * (sizes.keyWidth + 1u) + i] = sum;
      total += sum * q[key + i];
    }
    partial[local.x] = total;
    if (sizes.hasLambda == 1u) {
      for (var position = local.x; position < sizes.slots; position += 64u) {
        var sum = 0.0;
        if (position < change.live) {
          for (var i = 0u; i < sizes.keyWidth; i++) {
            sum += q[key + i] * readBack(matrix + readPlace[position] * cells, i, d);
          }
          sum *= readScale[position];
        }
        lambdaGradient[token * sizes.slots + position] = sum;
      }
    }
    workgroupBarrier();
    if (local.x == 0u) {
      var sum = 0.0;
      for (var i = 0u; i < 64u; i++) {
        sum += partial[i];
      }
      rows[token * (sizes.keyWidth + 1u) + sizes.keyWidth] = sum;
    }
  }
}
