// Sizes of a multi-state call, in every kernel of the family.
struct Sizes {
  batch: u32,
  time: u32,
  groups: u32,
  heads: u32,
  keyWidth: u32,
  valueWidth: u32,
  slots: u32,
  // 0 single, 1 age, 2 fenwick
  kind: u32,
  hasLambda: u32,
}
