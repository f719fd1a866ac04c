import type { CpuCall, CpuValue } from '../../op.js';
import { sizeOf } from '../../shape.js';
import type { ConcatAttributes } from './op.js';

export function concatReference({ inputs, outputs, attributes: { axis } }: CpuCall<ConcatAttributes>): void {
  const y = outputs[0] as CpuValue;
  const outer = sizeOf(y.shape.slice(0, axis));
  const row = sizeOf(y.shape.slice(axis));
  let column = 0;
  for (const { shape, data } of inputs) {
    const length = sizeOf(shape.slice(axis));
    for (let i = 0; i < outer; i++) y.data.set(data.subarray(i * length, (i + 1) * length), i * row + column);
    column += length;
  }
}
