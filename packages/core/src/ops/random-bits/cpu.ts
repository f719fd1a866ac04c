import { type CpuCall, u32 } from '../../op.js';
import { philox4x32 } from '../../random.js';
import type { RandomBitsAttributes } from './op.js';

export function randomBitsReference({ inputs, outputs, attributes: { shift } }: CpuCall<RandomBitsAttributes>): void {
  const [key0, key1] = u32(inputs[0]) as unknown as readonly [number, number];
  const y = u32(outputs[0]);
  for (let start = 0; start < y.length; start += 4) {
    const lanes = philox4x32([start / 4, 0, 0, 0], [key0, key1]);
    for (let lane = 0; lane < Math.min(4, y.length - start); lane++) y[start + lane] = (lanes[lane] as number) >>> shift;
  }
}
