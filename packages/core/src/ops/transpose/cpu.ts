import type { CpuCall, CpuValue } from '../../op.js';
import { type Shape, stridesOf } from '../../shape.js';
import { collapse, forEachRow, type StridedLoops } from '../strided.js';
import type { TransposeAttributes } from './op.js';

/** Loops over the output in order, with the offset into x of this shape beside it. */
export function transposeLoops(shape: Shape, permutation: readonly number[]): StridedLoops {
  const strides = stridesOf(shape);
  const target = permutation.map((axis) => shape[axis] as number);
  return collapse(target, [stridesOf(target), permutation.map((axis) => strides[axis] as number)]);
}

export function transposeReference({ inputs, outputs, attributes }: CpuCall<TransposeAttributes>): void {
  const x = inputs[0] as CpuValue;
  const y = outputs[0] as CpuValue;
  const loops = transposeLoops(x.shape, attributes.permutation);
  const length = loops.shape.at(-1) as number;
  const step = loops.strides[1]?.at(-1) as number;
  forEachRow(loops, (offsets) => {
    const [at, from] = offsets as readonly [number, number];
    for (let i = 0; i < length; i++) y.data[at + i] = x.data[from + i * step] as number;
  });
}

const BLOCK = 32;

export function transposeFast(call: CpuCall<TransposeAttributes>): void {
  const x = call.inputs[0] as CpuValue;
  const y = call.outputs[0] as CpuValue;
  if (x.dtype === 'f16') {
    transposeReference(call);
    return;
  }
  const loops = transposeLoops(x.shape, call.attributes.permutation);
  const rank = loops.shape.length;
  // All 4-byte dtypes move as u32, so that the loops see one kind of array.
  const [from, to] = [words(x), words(y)];
  const columns = loops.shape[rank - 1] as number;
  const step = loops.strides[1]?.[rank - 1] as number;
  if (rank === 1 || step === 1) {
    forEachRow(loops, (offsets) => copyRow(to, offsets[0] as number, from, offsets[1] as number, columns));
    return;
  }
  const rows = loops.shape[rank - 2] as number;
  const stepRow = loops.strides[1]?.[rank - 2] as number;
  const stepOut = loops.strides[0]?.[rank - 2] as number;
  forEachRow(loops, (offsets) => copyBlocks(to, offsets[0] as number, stepOut, from, offsets[1] as number, stepRow, step, rows, columns), 2);
}

function words(value: CpuValue): Uint32Array {
  return new Uint32Array(value.data.buffer, value.data.byteOffset, value.data.length);
}

function copyRow(to: Uint32Array, at: number, from: Uint32Array, start: number, length: number): void {
  if (length > 64) to.set(from.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) to[at + i] = from[start + i] as number;
}

/** Square blocks, so that both sides stay in the cache. */
function copyBlocks(
  to: Uint32Array,
  at: number,
  stepOut: number,
  from: Uint32Array,
  start: number,
  stepRow: number,
  step: number,
  rows: number,
  columns: number,
): void {
  for (let row0 = 0; row0 < rows; row0 += BLOCK) {
    const rowEnd = Math.min(rows, row0 + BLOCK);
    for (let column0 = 0; column0 < columns; column0 += BLOCK) {
      const columnEnd = Math.min(columns, column0 + BLOCK);
      for (let row = row0; row < rowEnd; row++) {
        let source = start + row * stepRow + column0 * step;
        const target = at + row * stepOut;
        for (let column = column0; column < columnEnd; column++, source += step) to[target + column] = from[source] as number;
      }
    }
  }
}
