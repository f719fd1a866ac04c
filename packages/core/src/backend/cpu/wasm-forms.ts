import type { Step } from '../../graph/plan.js';
import type { Attributes, CpuCall, CpuValue } from '../../op.js';
import { matmulBatches } from '../../ops/matmul/cpu.js';
import { type MatmulAttributes, matmulSizes } from '../../ops/matmul/op.js';
import { forEachRow } from '../../ops/strided.js';
import type { WasmRuntime } from './wasm/runtime.js';
import { adamwForm, binaryForm, reduceForm, transposeForm, unaryForm } from './wasm-forms-elementwise.js';
import { concatForm, copyForm, padForm, sliceForm } from './wasm-forms-moves.js';
import {
  causalConv1dForm,
  causalConv1dGradForm,
  crossEntropyForm,
  crossEntropyGradForm,
  gatedRmsNormForm,
  gatedRmsNormGradForm,
  rmsNormForm,
  rmsNormGradForm,
  softmaxForm,
} from './wasm-forms-rows.js';

/** The WASM form of one op application, or null where this call (its shapes, attributes) has none. Decided once, when a program is prepared. */
export type WasmForm = (runtime: WasmRuntime, step: Step) => ((call: CpuCall<Attributes>) => void) | null;

const bytes = 4;

/** One call of the runtime for the innermost batch axis, which may repeat an operand; outer axes in a loop. */
const matmul: WasmForm = (runtime, { inputs, outputs, attributes }) => {
  const [a, b, c] = [inputs[0], inputs[1], outputs[0]];
  if (a === undefined || b === undefined || c === undefined) return null;
  const { transposeA, transposeB } = attributes as MatmulAttributes;
  const { m, n, k } = matmulSizes(a, b, { transposeA, transposeB });
  const batches = matmulBatches(a.shape, b.shape, c.shape);
  const [sizeA, sizeB, sizeC] = [m * k, k * n, m * n];
  const [strideC, strideA, strideB] = batches.strides.map((own) => own.at(-1) as number) as [number, number, number];
  const fixed = {
    batch: batches.shape.at(-1) as number,
    m,
    n,
    k,
    strideA: strideA * sizeA,
    strideB: strideB * sizeB,
    strideC: strideC * sizeC,
    transposeA,
    transposeB,
  };
  return (call) => {
    const [x, y, z] = [call.inputs[0], call.inputs[1], call.outputs[0]] as [CpuValue, CpuValue, CpuValue];
    forEachRow(batches, (items) => {
      const [itemC, itemA, itemB] = items as readonly [number, number, number];
      runtime.matmul({ ...fixed, a: x.pointer + bytes * itemA * sizeA, b: y.pointer + bytes * itemB * sizeB, c: z.pointer + bytes * itemC * sizeC });
    });
  };
};

/** WASM forms by op name. */
export const wasmForms: { readonly [op: string]: WasmForm } = {
  adamw: adamwForm,
  binary: binaryForm,
  'causal-conv1d': causalConv1dForm,
  'causal-conv1d-grad': causalConv1dGradForm,
  concat: concatForm,
  copy: copyForm,
  'cross-entropy': crossEntropyForm,
  'cross-entropy-grad': crossEntropyGradForm,
  'gated-rms-norm': gatedRmsNormForm,
  'gated-rms-norm-grad': gatedRmsNormGradForm,
  matmul,
  pad: padForm,
  reduce: reduceForm,
  'rms-norm': rmsNormForm,
  'rms-norm-grad': rmsNormGradForm,
  slice: sliceForm,
  softmax: softmaxForm,
  transpose: transposeForm,
  unary: unaryForm,
};
