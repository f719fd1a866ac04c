// Shared by the parallel kernels: the per-token row `lanes`, and slot_t(s).
// One token of one head.
struct Token {
  // G_t = g_1 + .. + g_t
  decay: f32,
  // 1 where a slot opened
  opened: u32,
  // when that boundary was merged away; huge for never
  death: u32,
  // the boundary that was merged away at this time, plus one; 0 for none
  gone: u32,
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
