import { adamwCases } from '../ops/adamw/cases.js';
import { argmaxCases } from '../ops/argmax/cases.js';
import { binaryCases } from '../ops/binary/cases.js';
import { broadcastToCases } from '../ops/broadcast-to/cases.js';
import { castCases } from '../ops/cast/cases.js';
import { causalConv1dCases } from '../ops/causal-conv1d/cases.js';
import { compareCases } from '../ops/compare/cases.js';
import { concatCases } from '../ops/concat/cases.js';
import { copyCases } from '../ops/copy/cases.js';
import { crossEntropyCases } from '../ops/cross-entropy/cases.js';
import { cumsumCases } from '../ops/cumsum/cases.js';
import { fillCases } from '../ops/fill/cases.js';
import { gatedRmsNormCases } from '../ops/gated-rms-norm/cases.js';
import { gatherCases } from '../ops/gather/cases.js';
import { iotaCases } from '../ops/iota/cases.js';
import { matmulCases } from '../ops/matmul/cases.js';
import { padCases } from '../ops/pad/cases.js';
import { randomBitsCases } from '../ops/random-bits/cases.js';
import { reduceCases } from '../ops/reduce/cases.js';
import { reshapeCases } from '../ops/reshape/cases.js';
import { rmsNormCases } from '../ops/rms-norm/cases.js';
import { scatterAddRowsCases } from '../ops/scatter-add-rows/cases.js';
import { sliceCases } from '../ops/slice/cases.js';
import { softmaxCases } from '../ops/softmax/cases.js';
import { transposeCases } from '../ops/transpose/cases.js';
import { unaryCases } from '../ops/unary/cases.js';
import { whereCases } from '../ops/where/cases.js';
import type { OpCase } from './op-case.js';

/** The cases of every op of core, by the op's name: each device with kernels runs them all. */
export const coreOpCases: { readonly [op: string]: readonly OpCase[] } = {
  adamw: adamwCases,
  argmax: argmaxCases,
  binary: binaryCases,
  'broadcast-to': broadcastToCases,
  cast: castCases,
  'causal-conv1d': causalConv1dCases,
  compare: compareCases,
  concat: concatCases,
  copy: copyCases,
  'cross-entropy': crossEntropyCases,
  cumsum: cumsumCases,
  fill: fillCases,
  'gated-rms-norm': gatedRmsNormCases,
  gather: gatherCases,
  iota: iotaCases,
  matmul: matmulCases,
  pad: padCases,
  'random-bits': randomBitsCases,
  reduce: reduceCases,
  reshape: reshapeCases,
  'rms-norm': rmsNormCases,
  'scatter-add-rows': scatterAddRowsCases,
  slice: sliceCases,
  softmax: softmaxCases,
  transpose: transposeCases,
  unary: unaryCases,
  where: whereCases,
};
