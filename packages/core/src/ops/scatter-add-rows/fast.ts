import { type CpuCall, f32, i32 } from '../../op.js';
import { checkRow } from '../gather/cpu.js';
import type { ScatterAddRowsAttributes } from './op.js';

/** The sums of the reference, in its order and so with its bits, but one row at a time: no float64 copy of the whole table. */
export function scatterAddRowsFast({ inputs, outputs, attributes: { rows } }: CpuCall<ScatterAddRowsAttributes>): void {
  const indices = i32(inputs[0]);
  const updates = f32(inputs[1]);
  const y = f32(outputs[0]);
  const width = outputs[0]?.shape[1] as number;
  // Linked lists of the positions of each row: first[row], then next[position]; -1 ends a list.
  const first = new Int32Array(rows).fill(-1);
  const next = new Int32Array(indices.length);
  indices.forEach((row, i) => {
    checkRow('scatter-add-rows', row, i, rows);
  });
  for (let i = indices.length - 1; i >= 0; i--) {
    const row = indices[i] as number;
    next[i] = first[row] as number;
    first[row] = i;
  }
  const totals = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    totals.fill(0);
    for (let i = first[row] as number; i >= 0; i = next[i] as number)
      for (let column = 0; column < width; column++) totals[column] = (totals[column] as number) + (updates[i * width + column] as number);
    y.set(totals, row * width);
  }
}
