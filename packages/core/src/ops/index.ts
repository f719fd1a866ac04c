export { type AdamwAttributes, adamwControls, adamwOp } from './adamw/op.js';
export { type ArgmaxAttributes, argmax, argmaxOp } from './argmax/op.js';
export { add, type BinaryAttributes, type BinaryKind, binaryKinds, binaryOp, div, maximum, minimum, mul, sub } from './binary/op.js';
export { type BroadcastToAttributes, broadcastTo, broadcastToOp } from './broadcast-to/op.js';
export { type CastAttributes, cast, castOp } from './cast/op.js';
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
export { type ConcatAttributes, concat, concatOp } from './concat/op.js';
export { constant, type Operand as NumberOrTensor } from './constant.js';
export { copy, copyOp } from './copy/op.js';
export { crossEntropy, crossEntropyGradOp, crossEntropyMean, crossEntropyOp } from './cross-entropy/op.js';
export { type CumsumAttributes, cumsum, cumsumOp } from './cumsum/op.js';
export { type FillAttributes, fill, fillOp, ones, zeros } from './fill/op.js';
export { type GatedRmsNormAttributes, gatedRmsNorm, gatedRmsNormGradOp, gatedRmsNormOp } from './gated-rms-norm/op.js';
export { gather, gatherOp } from './gather/op.js';
export { arange, type IotaAttributes, iota, iotaOp } from './iota/op.js';
export { type MatmulAttributes, type MatmulSizes, matmul, matmulOp, matmulSizes } from './matmul/op.js';
export { type PadAttributes, pad, padOp } from './pad/op.js';
export { type RandomBitsAttributes, randomBits, randomBitsOp, uniform } from './random-bits/op.js';
export { max, mean, min, type ReduceAttributes, type ReduceKind, type ReduceOptions, reduceOp, sum, sumTo } from './reduce/op.js';
export { type ReshapeAttributes, reshape, reshapeOp } from './reshape/op.js';
export { type RmsNormAttributes, rmsNorm, rmsNormGradOp, rmsNormOp } from './rms-norm/op.js';
export { type ScatterAddRowsAttributes, scatterAddRows, scatterAddRowsOp } from './scatter-add-rows/op.js';
export { type SliceAttributes, slice, sliceAxis, sliceOp } from './slice/op.js';
export { logSoftmax, softmax, softmaxOp } from './softmax/op.js';
export { collapse, forEachRow, type StridedLoops } from './strided.js';
export { swapAxes, type TransposeAttributes, transpose, transposeOp } from './transpose/op.js';
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
