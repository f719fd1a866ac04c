import { type CpuCall, f32, i32 } from '../../op.js';
import { sizeOf } from '../../shape.js';
import type { ArgmaxAttributes } from './op.js';

export function argmaxReference({ inputs, outputs, attributes: { axis } }: CpuCall<ArgmaxAttributes>): void {
  const x = f32(inputs[0]);
  const y = i32(outputs[0]);
  const shape = inputs[0]?.shape ?? [];
  const length = shape[axis] as number;
  const inner = sizeOf(shape.slice(axis + 1));
  for (let to = 0; to < y.length; to++) {
    const start = Math.floor(to / inner) * length * inner + (to % inner);
    let best = 0;
    let largest = -Infinity;
    for (let i = 0; i < length; i++) {
      const value = x[start + i * inner] as number;
      if (value > largest) {
        largest = value;
        best = i;
      }
    }
    y[to] = best;
  }
}
