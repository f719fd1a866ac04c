// Scores of formula (2) and the decisions, chunk after chunk of the grid; one workgroup a head. Only scalars run in sequence.
@group(0) @binding(3) var<storage, read> rows: array<f32>;
@group(0) @binding(4) var<storage, read> gram: array<f32>;
@group(0) @binding(5) var<uniform> sizes: Sizes;

var<workgroup> held: u32;
// running sums of g inside the chunk, and what rounding added to each: exp of a difference needs bits that a sum of -1000 has lost
var<workgroup> sums: array<f32, 64>;
var<workgroup> lost: array<f32, 64>;
// k^T Sigma_0 v of each token of the chunk
var<workgroup> fromSummary: array<f32, 64>;
// first row, relative to the chunk, of the open slot at the chunk's end; negative where it began before
var<workgroup> openAt: i32;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) groupCount: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let lane = workgroup.x + workgroup.y * groupCount.x;
  if (lane >= sizes.batch * sizes.heads) {
    return;
  }
  let at = headOf(lane);
  let me = local.x;
  if (me == 0u) {
    held = u32(counters[at.i]) % 64u;
  }
  let start = workgroupUniformLoad(&held);
  let end = start + sizes.time;
  let width = sizes.keyWidth + sizes.valueWidth + 1u;
  let firstRow = lane * (64u + sizes.time);
  let summary = at.f + 66u + 2u * sizes.capacity;
  for (var chunk = 0u; chunk < end; chunk += 64u) {
    if (me == 0u) {
      var sum = 0.0;
      var error = 0.0;
      for (var p = 0u; p < min(64u, end - chunk); p++) {
        let g = rows[(firstRow + chunk + p) * width + width - 1u];
        let step = g - error;
        let next = sum + step;
        error = (next - sum) - step;
        sum = next;
        sums[p] = sum;
        lost[p] = error;
        numbers[at.f + 2u + 2u * sizes.capacity + p] = g;
      }
    }
    let mine = (firstRow + chunk + me) * width;
    var total = 0.0;
    if (chunk + me >= start && chunk + me < end) {
      for (var i = 0u; i < sizes.keyWidth; i++) {
        var row = 0.0;
        for (var j = 0u; j < sizes.valueWidth; j++) {
          row += numbers[summary + i * sizes.valueWidth + j] * rows[mine + sizes.keyWidth + j];
        }
        total += row * rows[mine + i];
      }
    }
    fromSummary[me] = total;
    workgroupBarrier();
    if (me == 0u) {
      for (var row = max(start, chunk); row < min(end, chunk + 64u); row++) {
        token(at, row - start, row - chunk, firstRow + row);
      }
      openAt = openStart(at) - (counters[at.i] - i32(min(64u, end - chunk)));
    }
    storageBarrier();
    let first = workgroupUniformLoad(&openAt);
    if (chunk + 64u <= end) {
      let kept = select(0.0, exp(sums[63]), first < 0);
      for (var cell = me; cell < sizes.keyWidth * sizes.valueWidth; cell += 64u) {
        var sigma = 0.0;
        if (first < 0) {
          sigma = kept * numbers[summary + cell];
        }
        for (var s = u32(max(first, 0)); s < 64u; s++) {
          let other = (firstRow + chunk + s) * width;
          sigma += decayBetween(s, 63u) * rows[other + cell / sizes.valueWidth] * rows[other + sizes.keyWidth + cell % sizes.valueWidth];
        }
        numbers[summary + cell] = sigma;
      }
    }
    storageBarrier();
    workgroupBarrier();
  }
}

// exp of the sum of g after token s of the chunk, up to token t
fn decayBetween(s: u32, t: u32) -> f32 {
  return exp((sums[t] - sums[s]) - (lost[t] - lost[s]));
}

fn token(at: Head, t: u32, position: u32, row: u32) {
  let own = gram[row * 64u + position];
  let normSq = numbers[at.f];
  let energy = numbers[at.f + 1u];
  let first = slotCount(at) == 0u;
  var cross = 0.0;
  if (!first) {
    let start = openStart(at) - (counters[at.i] - i32(position));
    if (start < 0) {
      cross = fromSummary[position];
      if (position > 0u) {
        cross *= exp(sums[position - 1u]);
      }
    }
    for (var s = u32(max(start, 0)); s < position; s++) {
      cross += gram[row * 64u + s] * decayBetween(s, position - 1u);
    }
  }
  let blank = first || own == 0.0 || normSq <= max(1e-6 * energy, 1e-36);
  var cosine = 0.0;
  if (!blank) {
    cosine = clamp(cross / (sqrt(own) * sqrt(normSq)), -1.0, 1.0);
  }
  let score = sqrt(2.0 - 2.0 * cosine);
  let opens = decide(at, t, score, first || score >= sizes.tau, select(abs(score - sizes.tau), noDecision, first));
  var alpha = 0.0;
  if (!opens) {
    alpha = exp(numbers[at.f + 2u + 2u * sizes.capacity + position]);
  }
  numbers[at.f] = max(0.0, select(alpha * alpha * normSq + 2.0 * alpha * cross + own, own, opens));
  numbers[at.f + 1u] = alpha * alpha * energy + own;
}
