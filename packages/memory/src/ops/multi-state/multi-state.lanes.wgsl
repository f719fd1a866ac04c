// Shared by the parallel kernels: the per-token row `lanes`, and slot_t(s).
// One token of one head.
struct Token {
  // log-decay
  g: f32,
  // 1 where a slot opened
  opened: u32,
  // when that boundary was merged away; huge for never
  death: u32,
  // the boundary that was merged away at this time, plus one; 0 for none
  gone: u32,
}

// A running sum of log-decays. Kernels sum g between s and t on their walk, and never take G_t - G_s: after thousands of
// tokens |G| is in the thousands, and its last bit is a share of exp(G_t - G_s) that shows.
struct LogDecay {
  sum: f32,
  // Compensation: thousands of small steps must not lose their last bits either.
  lost: f32,
}

fn addDecay(before: LogDecay, g: f32) -> LogDecay {
  let step = g - before.lost;
  let sum = before.sum + step;
  return LogDecay(sum, (sum - before.sum) - step);
}

fn fenwickLevel(t: u32, s: u32) -> u32 {
  return select(32u - countLeadingZeros(t ^ s), 0u, t == s);
}

// Index into lambda's last axis of token s seen from t, given the number of live boundaries between them.
fn slotIndex(t: u32, s: u32, age: u32) -> u32 {
  switch (sizes.kind) {
    case 1u: { return min(age, sizes.slots - 1u); }
    case 2u: { return min(fenwickLevel(t, s), sizes.slots - 1u); }
    default: { return 0u; }
  }
}
