/** Largest error of outputs and gradients relative to the largest reference value. */
export const TOLERANCE = 1e-4;

/** Odd sizes that every form is tried at. */
export const CASES: readonly { readonly batch: number; readonly time: number; readonly groups: number; readonly heads: number; readonly keyWidth: number; readonly valueWidth: number; readonly slots: number }[] = [
  { batch: 1, time: 1, groups: 1, heads: 1, keyWidth: 1, valueWidth: 1, slots: 1 },
  { batch: 2, time: 17, groups: 1, heads: 2, keyWidth: 4, valueWidth: 6, slots: 3 },
  { batch: 1, time: 63, groups: 2, heads: 4, keyWidth: 5, valueWidth: 7, slots: 4 },
  { batch: 1, time: 100, groups: 1, heads: 2, keyWidth: 8, valueWidth: 8, slots: 12 },
  { batch: 1, time: 129, groups: 3, heads: 3, keyWidth: 7, valueWidth: 9, slots: 30 },
];
