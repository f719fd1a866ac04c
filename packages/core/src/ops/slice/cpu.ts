import type { CpuCall, CpuValue } from '../../op.js';
import { stridesOf } from '../../shape.js';
import { collapse, forEachRow } from '../strided.js';
import type { SliceAttributes } from './op.js';

export function sliceReference({ inputs, outputs, attributes }: CpuCall<SliceAttributes>): void {
  const x = inputs[0] as CpuValue;
  const y = outputs[0] as CpuValue;
  const strides = stridesOf(x.shape);
  const origin = attributes.start.reduce((sum, first, axis) => sum + first * (strides[axis] as number), 0);
  const loops = collapse(y.shape, [stridesOf(y.shape), strides]);
  const length = loops.shape.at(-1) as number;
  // collapse() drops axes of length 1, so the innermost one left may be strided.
  const step = loops.strides[1]?.at(-1) as number;
  forEachRow(loops, (offsets) => {
    const [at, from] = [offsets[0] as number, origin + (offsets[1] as number)];
    if (step === 1) y.data.set(x.data.subarray(from, from + length), at);
    else for (let i = 0; i < length; i++) y.data[at + i] = x.data[from + i * step] as number;
  });
}
