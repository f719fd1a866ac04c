/** Numbers of the WASM kernels; `assembly/index.ts` switches on the same numbers. */
export const kernels = {
  pack: 0,
  block: 1,
  batch: 2,
  row: 3,
  unary: 4,
  binary: 5,
  sumRows: 6,
  sumColumns: 7,
  transpose: 8,
  adamw: 9,
  rmsNorm: 10,
  gatedRmsNorm: 11,
  rmsNormGrad: 12,
  gatedRmsNormGrad: 13,
  sumPartials: 14,
  softmax: 15,
  expSum: 16,
  crossEntropyGrad: 17,
  conv: 18,
  convGrad: 19,
  copyRows: 20,
  padRows: 21,
} as const;

export type KernelNumber = (typeof kernels)[keyof typeof kernels];

/** Unary functions that have a WASM form; `assembly/elementwise.ts` switches on the same numbers. */
export const unaryNumbers = {
  neg: 0,
  exp: 1,
  log: 2,
  sqrt: 3,
  rsqrt: 4,
  square: 5,
  reciprocal: 6,
  abs: 7,
  sigmoid: 8,
  tanh: 9,
  silu: 10,
  relu: 11,
  softplus: 12,
} as const;

export type WasmUnaryKind = keyof typeof unaryNumbers;

/** Binary functions; max is a > b ? a : b, min is a < b ? a : b. */
export const binaryNumbers = { add: 0, sub: 1, mul: 2, div: 3, max: 4, min: 5 } as const;

export type WasmBinaryKind = keyof typeof binaryNumbers;
