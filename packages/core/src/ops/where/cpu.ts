import type { CpuCall, CpuValue } from '../../op.js';
import { broadcastStrides, stridesOf } from '../../shape.js';
import { collapse, forEachRow } from '../strided.js';

export function whereReference({ inputs, outputs }: CpuCall<Record<string, never>>): void {
  const [condition, a, b] = inputs as readonly [CpuValue, CpuValue, CpuValue];
  const y = outputs[0] as CpuValue;
  const loops = collapse(y.shape, [stridesOf(y.shape), ...inputs.map((input) => broadcastStrides(input.shape, y.shape))]);
  const length = loops.shape.at(-1) as number;
  const [, stepC, stepA, stepB] = loops.strides.map((own) => own.at(-1) as number) as [number, number, number, number];
  forEachRow(loops, (offsets) => {
    const [at, fromC, fromA, fromB] = offsets as readonly [number, number, number, number];
    for (let i = 0; i < length; i++)
      y.data[at + i] = (condition.data[fromC + i * stepC] !== 0 ? a.data[fromA + i * stepA] : b.data[fromB + i * stepB]) as number;
  });
}
