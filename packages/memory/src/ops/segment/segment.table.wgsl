// The slot table of one head, in the op's state rows; shared by the scan and by fixed blocks. Twin of slot-table.ts.
struct Sizes {
  batch: u32,
  time: u32,
  groups: u32,
  heads: u32,
  keyWidth: u32,
  valueWidth: u32,
  capacity: u32,
  // 0 density, 1 weakest, 2 oldest
  rule: u32,
  blockLength: u32,
  numbersWidth: u32,
  countersWidth: u32,
  tau: f32,
}

const noDecision = 1e30;

@group(0) @binding(0) var<storage, read_write> numbers: array<f32>;
@group(0) @binding(1) var<storage, read_write> counters: array<i32>;
// score | opened | mergedAt | death | gap, five words a token: [B, T, H, 5]
@group(0) @binding(2) var<storage, read_write> decisions: array<u32>;

struct Head {
  batch: u32,
  head: u32,
  // where its rows of the state begin
  f: u32,
  i: u32,
}

fn headOf(lane: u32) -> Head {
  return Head(lane / sizes.heads, lane % sizes.heads, lane * sizes.numbersWidth, lane * sizes.countersWidth);
}

fn decisionRow(at: Head, t: u32) -> u32 {
  return ((at.batch * sizes.time + t) * sizes.heads + at.head) * 5u;
}

fn slotCount(at: Head) -> u32 {
  return u32(counters[at.i + 1u]);
}

fn openStart(at: Head) -> i32 {
  return counters[at.i + 2u + sizes.capacity + slotCount(at) - 1u];
}

fn pairKey(at: Head, pair: u32) -> f32 {
  if (sizes.rule == 1u) {
    return numbers[at.f + 2u + sizes.capacity + pair + 1u];
  }
  let e = at.f + 2u + pair;
  let n = at.i + 2u + pair;
  return (numbers[e] + numbers[e + 1u]) / f32(counters[n] + counters[n + 1u]);
}

struct Pair {
  index: i32,
  gap: f32,
}

fn leastPair(at: Head) -> Pair {
  let pairs = slotCount(at) - 1u;
  if (pairs < 1u) {
    return Pair(-1, noDecision);
  }
  if (sizes.rule == 2u) {
    return Pair(0, noDecision);
  }
  var best = 0u;
  var least = pairKey(at, 0u);
  var second = noDecision;
  for (var pair = 1u; pair < pairs; pair++) {
    let key = pairKey(at, pair);
    if (key < least) {
      second = least;
      least = key;
      best = pair;
    } else {
      second = min(second, key);
    }
  }
  return Pair(i32(best), select(second - least, noDecision, second == noDecision));
}

// Merge slots pair and pair + 1; returns the absolute time of the boundary that goes.
fn mergePair(at: Head, pair: u32) -> i32 {
  let m = sizes.capacity;
  let count = slotCount(at);
  let boundary = counters[at.i + 2u + m + pair + 1u];
  numbers[at.f + 2u + pair] += numbers[at.f + 2u + pair + 1u];
  counters[at.i + 2u + pair] += counters[at.i + 2u + pair + 1u];
  for (var slot = pair + 1u; slot + 1u < count; slot++) {
    numbers[at.f + 2u + slot] = numbers[at.f + 3u + slot];
    numbers[at.f + 2u + m + slot] = numbers[at.f + 3u + m + slot];
    counters[at.i + 2u + slot] = counters[at.i + 3u + slot];
    counters[at.i + 2u + m + slot] = counters[at.i + 3u + m + slot];
  }
  counters[at.i + 1u] = i32(count) - 1;
  return boundary;
}

// Token t of this call joins the open slot or opens one; gap is the distance of its wish to the other one. Returns whether it opened.
fn decide(at: Head, t: u32, score: f32, wants: bool, gap: f32) -> bool {
  let m = sizes.capacity;
  let now = counters[at.i];
  var mergedAt = -1;
  var opens = wants;
  var smallest = gap;
  if (wants && slotCount(at) == m) {
    let pair = leastPair(at);
    mergedAt = pair.index;
    if (pair.index < 0) {
      mergedAt = -2;
      opens = false;
    } else {
      smallest = min(smallest, pair.gap);
      let boundary = mergePair(at, u32(pair.index)) - (now - i32(t));
      if (boundary >= 0) {
        decisions[decisionRow(at, u32(boundary)) + 3u] = t;
      }
    }
  }
  let count = slotCount(at);
  if (opens) {
    numbers[at.f + 2u + count] = score;
    numbers[at.f + 2u + m + count] = score;
    counters[at.i + 2u + count] = 1;
    counters[at.i + 2u + m + count] = now;
    counters[at.i + 1u] = i32(count) + 1;
  } else {
    numbers[at.f + 2u + count - 1u] += score;
    counters[at.i + 2u + count - 1u] += 1;
  }
  counters[at.i] = now + 1;
  let row = decisionRow(at, t);
  decisions[row] = bitcast<u32>(score);
  decisions[row + 1u] = select(0u, 1u, opens);
  decisions[row + 2u] = bitcast<u32>(mergedAt);
  decisions[row + 3u] = 0xffffffffu;
  decisions[row + 4u] = bitcast<u32>(smallest);
  return opens;
}
