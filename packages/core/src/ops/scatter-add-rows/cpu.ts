import { type CpuCall, f32, i32 } from '../../op.js';
import { checkRow } from '../gather/cpu.js';
import type { ScatterAddRowsAttributes } from './op.js';

export function scatterAddRowsReference({ inputs, outputs, attributes: { rows } }: CpuCall<ScatterAddRowsAttributes>): void {
  const indices = i32(inputs[0]);
  const updates = f32(inputs[1]);
  const y = f32(outputs[0]);
  const width = outputs[0]?.shape[1] as number;
  const totals = new Float64Array(y.length);
  for (let i = 0; i < indices.length; i++) {
    const to = checkRow('scatter-add-rows', indices[i] as number, i, rows) * width;
    const from = i * width;
    for (let column = 0; column < width; column++) totals[to + column] = (totals[to + column] as number) + (updates[from + column] as number);
  }
  y.set(totals);
}
