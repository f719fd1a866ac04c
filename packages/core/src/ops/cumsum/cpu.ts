import { type CpuCall, f32 } from '../../op.js';
import { sizeOf } from '../../shape.js';
import type { CumsumAttributes } from './op.js';

export function cumsumReference({ inputs, outputs, attributes: { axis, reverse } }: CpuCall<CumsumAttributes>): void {
  const x = f32(inputs[0]);
  const y = f32(outputs[0]);
  const shape = inputs[0]?.shape ?? [];
  const length = shape[axis] as number;
  const inner = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  const step = reverse ? -inner : inner;
  for (let row = 0; row < outer * inner; row++) {
    const first = Math.floor(row / inner) * length * inner + (row % inner);
    let at = reverse ? first + (length - 1) * inner : first;
    let total = 0;
    for (let i = 0; i < length; i++, at += step) {
      total += x[at] as number;
      y[at] = total;
    }
  }
}
