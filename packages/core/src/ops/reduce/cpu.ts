import { type CpuCall, type CpuValue, f32 } from '../../op.js';
import { type Shape, stridesOf } from '../../shape.js';
import { collapse, forEachRow, type StridedLoops } from '../strided.js';
import type { ReduceAttributes, ReduceKind } from './op.js';

const functions: { readonly [K in ReduceKind]: (a: number, b: number) => number } = {
  sum: (a, b) => a + b,
  max: (a, b) => (b > a ? b : a),
  min: (a, b) => (b < a ? b : a),
};

const identity: { readonly [K in ReduceKind]: number } = { sum: 0, max: -Infinity, min: Infinity };

/** Loops over x in order, with the offset into y beside it: 0 steps along reduced axes. */
export function reduceLoops(shape: Shape, axes: readonly number[]): StridedLoops {
  const kept = stridesOf(shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension)));
  return collapse(shape, [stridesOf(shape), kept.map((stride, axis) => (axes.includes(axis) ? 0 : stride))]);
}

export function reduceReference({ inputs, outputs, attributes: { kind, axes } }: CpuCall<ReduceAttributes>): void {
  const x = inputs[0] as CpuValue;
  const y = outputs[0] as CpuValue;
  const totals = new Float64Array(y.data.length).fill(identity[kind]);
  const combine = functions[kind];
  const loops = reduceLoops(x.shape, axes);
  const length = loops.shape.at(-1) as number;
  const step = loops.strides[1]?.at(-1) as number;
  forEachRow(loops, (offsets) => {
    const [from, to] = offsets as readonly [number, number];
    for (let i = 0; i < length; i++) totals[to + i * step] = combine(totals[to + i * step] as number, x.data[from + i] as number);
  });
  y.data.set(totals);
}

/** Sums of f32 in the same order as the reference, so with the same bits. */
export function reduceFast(call: CpuCall<ReduceAttributes>): void {
  const x = call.inputs[0] as CpuValue;
  if (x.dtype !== 'f32' || call.attributes.kind !== 'sum') {
    reduceReference(call);
    return;
  }
  const [from, y] = [f32(x), f32(call.outputs[0])];
  const loops = reduceLoops(x.shape, call.attributes.axes);
  const length = loops.shape.at(-1) as number;
  const totals = new Float64Array(y.length);
  if (loops.strides[1]?.at(-1) === 0) {
    forEachRow(loops, (offsets) => {
      const to = offsets[1] as number;
      totals[to] = sumRow(from, offsets[0] as number, length, totals[to] as number);
    });
  } else forEachRow(loops, (offsets) => addRow(totals, offsets[1] as number, from, offsets[0] as number, length));
  y.set(totals);
}

function sumRow(x: Float32Array, start: number, length: number, initial: number): number {
  let total = initial;
  for (let i = start; i < start + length; i++) total += x[i] as number;
  return total;
}

function addRow(totals: Float64Array, to: number, x: Float32Array, from: number, length: number): void {
  for (let i = 0; i < length; i++) totals[to + i] = (totals[to + i] as number) + (x[from + i] as number);
}
