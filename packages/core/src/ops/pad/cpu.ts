import type { CpuCall, CpuValue } from '../../op.js';
import { stridesOf } from '../../shape.js';
import { collapse, forEachRow } from '../strided.js';
import type { PadAttributes } from './op.js';

export function padReference({ inputs, outputs, attributes }: CpuCall<PadAttributes>): void {
  const x = inputs[0] as CpuValue;
  const y = outputs[0] as CpuValue;
  y.data.fill(attributes.value);
  const strides = stridesOf(y.shape);
  const origin = attributes.before.reduce((sum, width, axis) => sum + width * (strides[axis] as number), 0);
  const loops = collapse(x.shape, [strides, stridesOf(x.shape)]);
  const length = loops.shape.at(-1) as number;
  const step = loops.strides[0]?.at(-1) as number;
  forEachRow(loops, (offsets) => {
    const [at, from] = [origin + (offsets[0] as number), offsets[1] as number];
    if (step === 1) y.data.set(x.data.subarray(from, from + length), at);
    else for (let i = 0; i < length; i++) y.data[at + i * step] = x.data[from + i] as number;
  });
}
