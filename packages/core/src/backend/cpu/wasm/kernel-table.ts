/** Numbers of the WASM kernels; `assembly/index.ts` switches on the same numbers. */
export const kernels = {
  pack: 0,
  block: 1,
  batch: 2,
  row: 3,
} as const;

export type KernelNumber = (typeof kernels)[keyof typeof kernels];
