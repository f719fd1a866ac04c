export { type AdamwAttributes, adamwControls, adamwOp } from './adamw/op.js';
export { argmax, type ArgmaxAttributes, argmaxOp } from './argmax/op.js';
export { add, type BinaryAttributes, type BinaryKind, binaryKinds, binaryOp, div, maximum, minimum, mul, sub } from './binary/op.js';
export { broadcastTo, type BroadcastToAttributes, broadcastToOp } from './broadcast-to/op.js';
export { cast, type CastAttributes, castOp } from './cast/op.js';
export { causalConv1d, causalConv1dGradOp, causalConv1dOp } from './causal-conv1d/op.js';
export {
  type CompareAttributes,
  type CompareKind,
  compareKinds,
  compareOp,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  notEqual,
} from './compare/op.js';
export { concat, type ConcatAttributes, concatOp } from './concat/op.js';
export { constant, type Operand as NumberOrTensor } from './constant.js';
export { copy, copyOp } from './copy/op.js';
export { crossEntropy, crossEntropyGradOp, crossEntropyMean, crossEntropyOp } from './cross-entropy/op.js';
export { cumsum, type CumsumAttributes, cumsumOp } from './cumsum/op.js';
export { fill, type FillAttributes, fillOp, ones, zeros } from './fill/op.js';
export { gatedRmsNorm, type GatedRmsNormAttributes, gatedRmsNormGradOp, gatedRmsNormOp } from './gated-rms-norm/op.js';
export { gather, gatherOp } from './gather/op.js';
export { arange, iota, type IotaAttributes, iotaOp } from './iota/op.js';
export { matmul, type MatmulAttributes, matmulOp, type MatmulSizes, matmulSizes } from './matmul/op.js';
export { pad, type PadAttributes, padOp } from './pad/op.js';
export { max, mean, min, type ReduceAttributes, type ReduceKind, reduceOp, type ReduceOptions, sum, sumTo } from './reduce/op.js';
export { randomBits, type RandomBitsAttributes, randomBitsOp, uniform } from './random-bits/op.js';
export { reshape, type ReshapeAttributes, reshapeOp } from './reshape/op.js';
export { rmsNorm, type RmsNormAttributes, rmsNormGradOp, rmsNormOp } from './rms-norm/op.js';
export { scatterAddRows, type ScatterAddRowsAttributes, scatterAddRowsOp } from './scatter-add-rows/op.js';
export { slice, type SliceAttributes, sliceAxis, sliceOp } from './slice/op.js';
export { logSoftmax, softmax, softmaxOp } from './softmax/op.js';
export { collapse, forEachRow, type StridedLoops } from './strided.js';
export { swapAxes, transpose, type TransposeAttributes, transposeOp } from './transpose/op.js';
export {
  abs,
  cos,
  exp,
  log,
  neg,
  reciprocal,
  relu,
  rsqrt,
  sigmoid,
  silu,
  sin,
  softplus,
  sqrt,
  square,
  tanh,
  type UnaryAttributes,
  type UnaryKind,
  unaryKinds,
  unaryOp,
} from './unary/op.js';
export { where, whereOp } from './where/op.js';
