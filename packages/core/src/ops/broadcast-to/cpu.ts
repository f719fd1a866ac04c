import type { CpuCall, CpuValue } from '../../op.js';
import { broadcastStrides, stridesOf } from '../../shape.js';
import { collapse, forEachRow } from '../strided.js';
import type { BroadcastToAttributes } from './op.js';

export function broadcastToReference({ inputs, outputs }: CpuCall<BroadcastToAttributes>): void {
  const x = inputs[0] as CpuValue;
  const y = outputs[0] as CpuValue;
  const loops = collapse(y.shape, [stridesOf(y.shape), broadcastStrides(x.shape, y.shape)]);
  const length = loops.shape.at(-1) as number;
  const repeated = loops.strides[1]?.at(-1) === 0;
  forEachRow(loops, (offsets) => {
    const [at, from] = offsets as readonly [number, number];
    if (repeated) y.data.fill(x.data[from] as number, at, at + length);
    else y.data.set(x.data.subarray(from, from + length), at);
  });
}
