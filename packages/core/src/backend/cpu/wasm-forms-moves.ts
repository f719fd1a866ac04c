import { bytesPerElement } from '../../dtype.js';
import type { CpuValue, TensorSpec } from '../../op.js';
import type { PadAttributes } from '../../ops/pad/op.js';
import type { SliceAttributes } from '../../ops/slice/op.js';
import { collapse, forEachRow, type StridedLoops } from '../../ops/strided.js';
import { sizeOf, stridesOf } from '../../shape.js';
import type { WasmRuntime } from './wasm/runtime.js';
import type { WasmForm } from './wasm-forms.js';

/** Forms of the ops that only move elements of four bytes. */

const bytes = 4;

function at(values: readonly CpuValue[], index: number): number {
  return (values[index] as CpuValue).pointer;
}

function wordSized(spec: TensorSpec): boolean {
  return bytesPerElement(spec.dtype) === bytes && sizeOf(spec.shape) > 0;
}

/** How to move rows under `loops` (operand 0: the target, 1: the source); rows of one element where neighbours are apart. */
function rowMoves(runtime: WasmRuntime, loops: StridedLoops): (from: number, to: number) => void {
  const dense = loops.strides.every((own) => own.at(-1) === 1);
  const { shape, strides } = dense ? loops : { shape: [...loops.shape, 1], strides: loops.strides.map((own) => [...own, 1]) };
  const rank = shape.length;
  const inner = Math.min(rank, 2);
  const rows = inner === 2 ? (shape[rank - 2] as number) : 1;
  const stride = (operand: number): number => (inner === 2 ? (strides[operand]?.[rank - 2] as number) : 0);
  const fixed = { rows, length: shape[rank - 1] as number, strideX: stride(1), strideY: stride(0) };
  return (from, to) =>
    forEachRow(
      { shape, strides },
      (offsets) => {
        const [target, source] = offsets as readonly [number, number];
        runtime.copyRows({ x: from + bytes * source, y: to + bytes * target, ...fixed });
      },
      inner,
    );
}

export const sliceForm: WasmForm = (runtime, { inputs, outputs, attributes }) => {
  const [x, y] = [inputs[0] as TensorSpec, outputs[0] as TensorSpec];
  if (!wordSized(y)) return null;
  const strides = stridesOf(x.shape);
  const origin = (attributes as SliceAttributes).start.reduce((sum, first, axis) => sum + first * (strides[axis] as number), 0);
  const move = rowMoves(runtime, collapse(y.shape, [stridesOf(y.shape), strides]));
  return ({ inputs: from, outputs: to }) => move(at(from, 0) + bytes * origin, at(to, 0));
};

/** Padding of one axis: rows of that axis and those behind it. Padding of several axes stays with the reference. */
export const padForm: WasmForm = (runtime, { inputs, outputs, attributes }) => {
  const [x, y] = [inputs[0] as TensorSpec, outputs[0] as TensorSpec];
  const { before, value } = attributes as PadAttributes;
  const padded = x.shape.flatMap((size, axis) => (size === y.shape[axis] ? [] : [axis]));
  if (!wordSized(y) || padded.length > 1) return null;
  const axis = padded[0] ?? 0;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const rows = sizeOf(x.shape.slice(0, axis));
  const length = sizeOf(x.shape.slice(axis));
  const front = (before[axis] ?? 0) * inner;
  const after = sizeOf(y.shape.slice(axis)) - length - front;
  const fixed = { rows, length, before: front, after, value: bitsOf(value, y.dtype === 'f32') };
  return ({ inputs: from, outputs: to }) => runtime.padRows({ x: at(from, 0), y: at(to, 0), ...fixed });
};

function bitsOf(value: number, float: boolean): number {
  return float ? (new Int32Array(Float32Array.of(value).buffer)[0] as number) : value;
}

export const concatForm: WasmForm = (runtime, { inputs, outputs, attributes }) => {
  const y = outputs[0] as TensorSpec;
  if (!wordSized(y)) return null;
  const axis = attributes.axis as number;
  const rows = sizeOf(y.shape.slice(0, axis));
  const strideY = sizeOf(y.shape.slice(axis));
  const lengths = inputs.map(({ shape }) => sizeOf(shape.slice(axis)));
  const starts = lengths.map((_, index) => lengths.slice(0, index).reduce((sum, length) => sum + length, 0));
  return ({ inputs: from, outputs: to }) =>
    lengths.forEach((length, index) => {
      runtime.copyRows({ x: at(from, index), y: at(to, 0) + bytes * (starts[index] as number), rows, length, strideX: length, strideY });
    });
};

export const copyForm: WasmForm = (runtime, { outputs }) => {
  const y = outputs[0] as TensorSpec;
  if (!wordSized(y)) return null;
  const length = sizeOf(y.shape);
  return ({ inputs: from, outputs: to }) => runtime.copyRows({ x: at(from, 0), y: at(to, 0), rows: 1, length, strideX: length, strideY: length });
};
