import type { TypedArray } from '../../dtype.js';
import { type CpuCall, type CpuValue, f32 } from '../../op.js';
import { broadcastStrides, stridesOf } from '../../shape.js';
import { collapse, forEachRow, type StridedLoops } from '../strided.js';
import type { BinaryAttributes, BinaryKind } from './op.js';

type Scalar = (a: number, b: number) => number;

/** The scalar functions of f32 values, in float64. */
export const binaryFunctions: { readonly [K in BinaryKind]: Scalar } = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: (a, b) => (a > b ? a : b),
  min: (a, b) => (a < b ? a : b),
};

/** The scalar functions of integers; storing into the typed array wraps. */
const integerFunctions: { readonly [K in BinaryKind]: Scalar } = {
  ...binaryFunctions,
  mul: (a, b) => Math.imul(a, b),
  div: (a, b) => (b === 0 ? a : Math.trunc(a / b)),
};

function loopsOf(a: CpuValue, b: CpuValue, y: CpuValue): StridedLoops {
  return collapse(y.shape, [stridesOf(y.shape), broadcastStrides(a.shape, y.shape), broadcastStrides(b.shape, y.shape)]);
}

export function binaryReference({ inputs, outputs, attributes }: CpuCall<BinaryAttributes>): void {
  const [a, b] = inputs as readonly [CpuValue, CpuValue];
  const y = outputs[0] as CpuValue;
  const evaluate = (y.dtype === 'f32' ? binaryFunctions : integerFunctions)[attributes.kind];
  const loops = loopsOf(a, b, y);
  const length = loops.shape.at(-1) as number;
  const [, stepA, stepB] = loops.strides.map((own) => own.at(-1) as number) as [number, number, number];
  forEachRow(loops, ([at, fromA, fromB]) => {
    for (let i = 0; i < length; i++)
      y.data[(at as number) + i] = evaluate(a.data[(fromA as number) + i * stepA] as number, b.data[(fromB as number) + i * stepB] as number);
  });
}

type Row<A extends TypedArray> = (y: A, at: number, end: number, a: A, i: number, stepA: number, b: A, j: number, stepB: number) => void;

// One loop a kind, each called with float32 arrays alone, so that the engine compiles plain loads and stores.
const rows: { readonly [K in BinaryKind]: Row<Float32Array> } = {
  add: (y, at, end, a, i, stepA, b, j, stepB) => {
    for (; at < end; at++, i += stepA, j += stepB) y[at] = (a[i] as number) + (b[j] as number);
  },
  sub: (y, at, end, a, i, stepA, b, j, stepB) => {
    for (; at < end; at++, i += stepA, j += stepB) y[at] = (a[i] as number) - (b[j] as number);
  },
  mul: (y, at, end, a, i, stepA, b, j, stepB) => {
    for (; at < end; at++, i += stepA, j += stepB) y[at] = (a[i] as number) * (b[j] as number);
  },
  div: (y, at, end, a, i, stepA, b, j, stepB) => {
    for (; at < end; at++, i += stepA, j += stepB) y[at] = (a[i] as number) / (b[j] as number);
  },
  max: (y, at, end, a, i, stepA, b, j, stepB) => {
    for (; at < end; at++, i += stepA, j += stepB) y[at] = (a[i] as number) > (b[j] as number) ? (a[i] as number) : (b[j] as number);
  },
  min: (y, at, end, a, i, stepA, b, j, stepB) => {
    for (; at < end; at++, i += stepA, j += stepB) y[at] = (a[i] as number) < (b[j] as number) ? (a[i] as number) : (b[j] as number);
  },
};

export function binaryFast(call: CpuCall<BinaryAttributes>): void {
  const [a, b] = call.inputs as readonly [CpuValue, CpuValue];
  const y = call.outputs[0] as CpuValue;
  if (y.dtype !== 'f32') {
    binaryReference(call);
    return;
  }
  const row = rows[call.attributes.kind];
  const loops = loopsOf(a, b, y);
  const length = loops.shape.at(-1) as number;
  const [, stepA, stepB] = loops.strides.map((own) => own.at(-1) as number) as [number, number, number];
  const [dataY, dataA, dataB] = [f32(y), f32(a), f32(b)];
  forEachRow(loops, ([at, fromA, fromB]) => {
    row(dataY, at as number, (at as number) + length, dataA, fromA as number, stepA, dataB, fromB as number, stepB);
  });
}
