// The book lies behind the matrices of all heads, as floats: time | count | places [M] | log-scales [M].
fn book(lane: u32) -> u32 {
  return sizes.batch * sizes.heads * sizes.slots * sizes.keyWidth * sizes.valueWidth + lane * (2u + 2u * sizes.slots);
}
fn getTime(lane: u32) -> u32 { return u32(work[book(lane)]); }
fn setTime(lane: u32, value: u32) { work[book(lane)] = f32(value); }
fn getCount(lane: u32) -> u32 { return u32(work[book(lane) + 1u]); }
fn setCount(lane: u32, value: u32) { work[book(lane) + 1u] = f32(value); }
fn getPlace(lane: u32, slot: u32) -> u32 { return u32(work[book(lane) + 2u + slot]); }
fn setPlace(lane: u32, slot: u32, value: u32) { work[book(lane) + 2u + slot] = f32(value); }
fn getScale(lane: u32, place: u32) -> f32 { return work[book(lane) + 2u + sizes.slots + place]; }
fn setScale(lane: u32, place: u32, value: f32) { work[book(lane) + 2u + sizes.slots + place] = value; }
