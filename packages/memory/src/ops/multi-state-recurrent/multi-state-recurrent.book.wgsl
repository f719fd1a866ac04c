// What a token does to the places of one head's slots; twin of slot-memory.ts. The kernel that includes this defines how the
// book (order and log-scales) is stored: getTime, getCount, getPlace, getScale and their setters.
// Matrices change in this order: into = intoScale * into + sum of fromScale * from; then clear; then the open one decays and is written.
struct Change {
  // for age: from one place; for fenwick: from places 0 .. fromCount - 1
  into: u32,
  origin: u32,
  fromCount: u32,
  open: u32,
  clears: u32,
  live: u32,
}

var<workgroup> change: Change;
// exp(log-scale) of each place before the change
var<workgroup> scaleBefore: array<f32, 256>;
// exp(log-scale) of each position of lambda after it, and its place
var<workgroup> readScale: array<f32, 256>;
var<workgroup> readPlace: array<u32, 256>;

fn carryTarget(time: u32, levels: u32) -> u32 {
  return select(min(countTrailingZeros(time) + 1u, levels - 1u), 0u, time == 0u);
}

// One invocation of the workgroup calls this for each token; a barrier follows.
fn arrange(lane: u32, g: f32, opened: bool, mergedAt: i32) {
  for (var place = 0u; place < sizes.slots; place++) {
    scaleBefore[place] = exp(getScale(lane, place));
  }
  var made = Change(0u, 0u, 0u, 0u, 0u, sizes.slots);
  let now = getTime(lane);
  if (sizes.kind == 1u) {
    var count = getCount(lane);
    if (opened) {
      var place = count;
      if (mergedAt >= 0) {
        let pair = u32(mergedAt);
        place = getPlace(lane, pair + 1u);
        made.into = getPlace(lane, pair);
        made.origin = place;
        made.fromCount = 1u;
        setScale(lane, made.into, 0.0);
        for (var slot = pair + 1u; slot + 1u < count; slot++) {
          setPlace(lane, slot, getPlace(lane, slot + 1u));
        }
        setPlace(lane, count - 1u, place);
      } else {
        setPlace(lane, count, place);
        count++;
        setCount(lane, count);
      }
      made.clears = 1u;
      setScale(lane, place, 0.0);
    }
    made.live = count;
    made.open = getPlace(lane, count - 1u);
  } else if (sizes.kind == 2u) {
    let target_ = carryTarget(now, sizes.slots);
    if (target_ > 0u) {
      made.into = target_;
      made.fromCount = target_;
      made.clears = 1u;
      setScale(lane, target_, 0.0);
      for (var level = 0u; level < target_; level++) {
        setScale(lane, level, 0.0);
      }
    }
  }
  for (var position = 0u; position < made.live; position++) {
    var place = position;
    if (sizes.kind == 1u) {
      place = getPlace(lane, made.live - 1u - position);
    }
    if (position > 0u) {
      setScale(lane, place, getScale(lane, place) + g);
    }
    readPlace[position] = place;
    readScale[position] = exp(getScale(lane, place));
  }
  setTime(lane, now + 1u);
  change = made;
}
