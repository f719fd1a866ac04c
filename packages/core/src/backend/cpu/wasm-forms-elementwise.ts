import type { Attributes, CpuCall, CpuValue, TensorSpec } from '../../op.js';
import { adamwReference, adamwSkips } from '../../ops/adamw/cpu.js';
import { type AdamwAttributes, adamwControls } from '../../ops/adamw/op.js';
import type { BinaryAttributes } from '../../ops/binary/op.js';
import { reduceLoops } from '../../ops/reduce/cpu.js';
import type { ReduceAttributes } from '../../ops/reduce/op.js';
import { collapse, forEachRow } from '../../ops/strided.js';
import { transposeLoops } from '../../ops/transpose/cpu.js';
import type { TransposeAttributes } from '../../ops/transpose/op.js';
import type { UnaryAttributes } from '../../ops/unary/op.js';
import { broadcastStrides, sizeOf, stridesOf } from '../../shape.js';
import { unaryNumbers, type WasmUnaryKind } from './wasm/kernel-table.js';
import type { WasmRuntime } from './wasm/runtime.js';
import type { WasmForm } from './wasm-forms.js';
import { reserveScratch, scratchPointer } from './wasm-scratch.js';

const bytes = 4;
/** Elements below which one more call into WASM costs more than the loop it saves. */
const leastPiece = 64;

function pointer(values: readonly CpuValue[], index: number): number {
  return (values[index] as CpuValue).pointer;
}

function hasWasm(kind: string): kind is WasmUnaryKind {
  return kind in unaryNumbers;
}

export const unaryForm: WasmForm = (runtime, { outputs, attributes }) => {
  const { kind } = attributes as UnaryAttributes;
  if (!hasWasm(kind)) return null;
  const length = sizeOf((outputs[0] as TensorSpec).shape);
  return ({ inputs: from, outputs: to }) => runtime.unary(kind, pointer(from, 0), pointer(to, 0), length);
};

/** The three innermost axes in one call, the others in a loop. */
export const binaryForm: WasmForm = (runtime, { inputs, outputs, attributes }) => {
  const [a, b, y] = [...inputs, ...outputs] as unknown as readonly [TensorSpec, TensorSpec, TensorSpec];
  if (y.dtype !== 'f32') return null;
  const loops = collapse(y.shape, [stridesOf(y.shape), broadcastStrides(a.shape, y.shape), broadcastStrides(b.shape, y.shape)]);
  const rank = loops.shape.length;
  const inner = Math.min(rank, 3);
  const size = (fromEnd: number): number => (inner >= fromEnd ? (loops.shape[rank - fromEnd] as number) : 1);
  const stride = (operand: number, fromEnd: number): number => (inner >= fromEnd ? (loops.strides[operand]?.[rank - fromEnd] as number) : 0);
  const [columns, group, groups] = [size(1), size(2), size(3)];
  if (rank > 3 && groups * group * columns < leastPiece) return null;
  const step = (operand: number): 0 | 1 => (stride(operand, 1) === 0 ? 0 : 1);
  const { kind } = attributes as BinaryAttributes;
  const fixed = {
    kind,
    rows: groups * group,
    columns,
    group,
    strideA: stride(1, 2),
    strideB: stride(2, 2),
    groupA: stride(1, 3),
    groupB: stride(2, 3),
    stepA: step(1),
    stepB: step(2),
  };
  return ({ inputs: from, outputs: to }) =>
    forEachRow(
      loops,
      (offsets) => {
        const [c, i, j] = offsets as readonly [number, number, number];
        runtime.binary({ ...fixed, a: pointer(from, 0) + bytes * i, b: pointer(from, 1) + bytes * j, c: pointer(to, 0) + bytes * c });
      },
      inner,
    );
};

/** Sums along the last axis, or along one before the last. */
export const reduceForm: WasmForm = (runtime, { inputs, attributes }) => {
  const { kind, axes } = attributes as ReduceAttributes;
  const x = inputs[0] as TensorSpec;
  if (kind !== 'sum' || x.dtype !== 'f32' || sizeOf(x.shape) === 0) return null;
  const { shape, strides } = reduceLoops(x.shape, axes);
  const pattern = (strides[1] as readonly number[]).map((stride) => (stride === 0 ? 'r' : 'k')).join('');
  const [first, second, third] = shape as readonly [number, number, number];
  switch (pattern) {
    case 'r':
      return ({ inputs: from, outputs: to }) => runtime.sumRows(pointer(from, 0), pointer(to, 0), 1, first);
    case 'kr':
      return ({ inputs: from, outputs: to }) => runtime.sumRows(pointer(from, 0), pointer(to, 0), first, second);
    case 'rk':
      return ({ inputs: from, outputs: to }) => runtime.sumColumns(pointer(from, 0), pointer(to, 0), 1, first, second);
    case 'krk':
      return ({ inputs: from, outputs: to }) => runtime.sumColumns(pointer(from, 0), pointer(to, 0), first, second, third);
    case 'rkr':
      return sumsAround(runtime, first, second, third);
    default:
      return null;
  }
};

/** y[j] = sum over i and l of x[i, j, l]: along l into shared scratch memory, then over i. */
function sumsAround(runtime: WasmRuntime, first: number, second: number, third: number): ReturnType<WasmForm> {
  reserveScratch(runtime, bytes * first * second);
  return ({ inputs: from, outputs: to }) => {
    const sums = scratchPointer(runtime);
    runtime.sumRows(pointer(from, 0), sums, first * second, third);
    runtime.sumColumns(sums, pointer(to, 0), 1, first, second);
  };
}

/** Two neighbouring groups of axes exchanged: [batch, i, j, inner] to [batch, j, i, inner]. */
export const transposeForm: WasmForm = (runtime, { inputs, attributes }) => {
  const x = inputs[0] as TensorSpec;
  if (x.dtype === 'f16' || sizeOf(x.shape) === 0) return null;
  const { shape, strides } = transposeLoops(x.shape, (attributes as TransposeAttributes).permutation);
  const sizes = [...shape];
  const steps = [...(strides[1] as readonly number[])];
  const inner = steps.at(-1) === 1 ? (sizes.pop() as number) : 1;
  if (inner > 1) steps.pop();
  const batch = sizes.length === 3 ? (sizes.shift() as number) : 1;
  if (sizes.length === 2 && steps.length === 3) steps.shift();
  const [columns, rows] = sizes as [number, number];
  if (sizes.length !== 2 || steps[0] !== inner || steps[1] !== columns * inner) return null;
  if (batch > 1 && strides[1]?.[0] !== rows * columns * inner) return null;
  return ({ inputs: from, outputs: to }) => runtime.transpose(pointer(from, 0), pointer(to, 0), batch, rows, columns, inner);
};

export const adamwForm: WasmForm = (runtime, { inputs, attributes }) => {
  const { beta1, beta2, epsilon, weightDecay } = attributes as AdamwAttributes;
  const length = sizeOf((inputs[0] as TensorSpec).shape);
  return (call) => {
    const { inputs: from, outputs: to } = call;
    const controls = (from[4] as CpuValue).data as Float32Array;
    if (adamwSkips(controls)) {
      adamwReference(call as CpuCall<Attributes> as unknown as CpuCall<AdamwAttributes>);
      return;
    }
    runtime.adamw({
      p: pointer(from, 0),
      m: pointer(from, 1),
      v: pointer(from, 2),
      gradient: pointer(from, 3),
      nextP: pointer(to, 0),
      nextM: pointer(to, 1),
      nextV: pointer(to, 2),
      length,
      learningRate: controls[adamwControls.learningRate] as number,
      inverseCorrection1: controls[adamwControls.inverseCorrection1] as number,
      inverseCorrection2: controls[adamwControls.inverseCorrection2] as number,
      gradientScale: controls[adamwControls.gradientScale] as number,
      beta1,
      beta2,
      epsilon,
      weightDecay,
    });
  };
};
