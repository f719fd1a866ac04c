import { exp } from '../../math.js';
import { type CpuCall, f32 } from '../../op.js';

export function softmaxReference({ inputs, outputs }: CpuCall<Record<string, never>>): void {
  const x = f32(inputs[0]);
  const y = f32(outputs[0]);
  const width = inputs[0]?.shape.at(-1) as number;
  const exponentials = new Float64Array(width);
  for (let start = 0; start < x.length; start += width) {
    let largest = -Infinity;
    for (let i = start; i < start + width; i++) if ((x[i] as number) > largest) largest = x[i] as number;
    let total = 0;
    for (let i = 0; i < width; i++) {
      const value = exp((x[start + i] as number) - largest);
      exponentials[i] = value;
      total += value;
    }
    const scale = 1 / total;
    for (let i = 0; i < width; i++) y[start + i] = (exponentials[i] as number) * scale;
  }
}
