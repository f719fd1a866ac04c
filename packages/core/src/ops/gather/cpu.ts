import { DlaError } from '../../errors.js';
import { type CpuCall, type CpuValue, f32, i32 } from '../../op.js';

export function gatherReference({ inputs, outputs }: CpuCall<Record<string, never>>): void {
  const [rows, width] = (inputs[0] as CpuValue).shape as readonly [number, number];
  const table = f32(inputs[0]);
  const indices = i32(inputs[1]);
  const y = f32(outputs[0]);
  for (let i = 0; i < indices.length; i++) {
    const row = checkRow('gather', indices[i] as number, i, rows);
    y.set(table.subarray(row * width, (row + 1) * width), i * width);
  }
}

/** The row, or an `argument` error that says which index is outside the table. */
export function checkRow(where: string, row: number, position: number, rows: number): number {
  if (row < 0 || row >= rows)
    throw new DlaError('argument', 'index out of range', { where, expected: `0 to ${rows - 1}`, found: `${row} at position ${position}` });
  return row;
}
