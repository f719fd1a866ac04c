// One workgroup a head; an invocation owns columns of all its matrices, so only the book needs barriers.
@group(0) @binding(0) var<storage, read_write> slots: array<f32>;
@group(0) @binding(1) var<storage, read_write> scales: array<f32>;
@group(0) @binding(2) var<storage, read_write> order: array<i32>;
@group(0) @binding(3) var<storage, read> q: array<f32>;
@group(0) @binding(4) var<storage, read> k: array<f32>;
@group(0) @binding(5) var<storage, read> v: array<f32>;
@group(0) @binding(6) var<storage, read> events: array<f32>;
@group(0) @binding(7) var<storage, read_write> o: array<f32>;
@group(0) @binding(8) var<uniform> sizes: Sizes;

fn getTime(lane: u32) -> u32 { return u32(order[lane * (2u + sizes.slots)]); }
fn setTime(lane: u32, value: u32) { order[lane * (2u + sizes.slots)] = i32(value); }
fn getCount(lane: u32) -> u32 { return u32(order[lane * (2u + sizes.slots) + 1u]); }
fn setCount(lane: u32, value: u32) { order[lane * (2u + sizes.slots) + 1u] = i32(value); }
fn getPlace(lane: u32, slot: u32) -> u32 { return u32(order[lane * (2u + sizes.slots) + 2u + slot]); }
fn setPlace(lane: u32, slot: u32, value: u32) { order[lane * (2u + sizes.slots) + 2u + slot] = i32(value); }
fn getScale(lane: u32, place: u32) -> f32 { return scales[lane * sizes.slots + place]; }
fn setScale(lane: u32, place: u32, value: f32) { scales[lane * sizes.slots + place] = value; }

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
    if (local.x == 0u) {
      arrange(lane, events[event], events[event + 1u] == 1.0, i32(events[event + 2u]));
    }
    workgroupBarrier();
    let alpha = exp(events[event]);
    let into = matrix + change.into * cells;
    let open = matrix + change.open * cells;
    for (var j = local.x; j < sizes.valueWidth; j += 64u) {
      let value = v[token * sizes.valueWidth + j];
      for (var i = 0u; i < sizes.keyWidth; i++) {
        let cell = i * sizes.valueWidth + j;
        if (change.fromCount > 0u) {
          var sum = scaleBefore[change.into] * slots[into + cell];
          for (var part = 0u; part < change.fromCount; part++) {
            let place = change.origin + part;
            sum += scaleBefore[place] * slots[matrix + place * cells + cell];
            slots[matrix + place * cells + cell] = 0.0;
          }
          slots[into + cell] = sum;
        }
        var old = 0.0;
        if (change.clears == 0u) {
          old = slots[open + cell];
        }
        slots[open + cell] = alpha * old + k[key + i] * value;
      }
      var result = 0.0;
      for (var position = 0u; position < change.live; position++) {
        let origin = matrix + readPlace[position] * cells + j;
        var sum = 0.0;
        for (var i = 0u; i < sizes.keyWidth; i++) {
          sum += q[key + i] * slots[origin + i * sizes.valueWidth];
        }
        result += events[event + 3u + position] * readScale[position] * sum;
      }
      o[token * sizes.valueWidth + j] = result;
    }
    workgroupBarrier();
  }
}
