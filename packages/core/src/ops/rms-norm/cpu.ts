import { type CpuCall, f32 } from '../../op.js';
import type { RmsNormAttributes } from './op.js';

export function rmsNormReference({ inputs, outputs, attributes: { epsilon } }: CpuCall<RmsNormAttributes>): void {
  const x = f32(inputs[0]);
  const weight = f32(inputs[1]);
  const y = f32(outputs[0]);
  const width = weight.length;
  for (let start = 0; start < x.length; start += width) {
    const scale = inverseRms(x, start, width, epsilon);
    for (let i = 0; i < width; i++) y[start + i] = (x[start + i] as number) * scale * (weight[i] as number);
  }
}

function inverseRms(x: Float32Array, start: number, width: number, epsilon: number): number {
  let squares = 0;
  for (let i = start; i < start + width; i++) squares += (x[i] as number) * (x[i] as number);
  return 1 / Math.sqrt(squares / width + epsilon);
}

/** With r = 1/rms and n = x r: dx = r (w dy - n mean(w dy n)), dweight = sum over rows of dy n. */
export function rmsNormGradReference({ inputs, outputs, attributes: { epsilon } }: CpuCall<RmsNormAttributes>): void {
  const [x, weight, dy] = [f32(inputs[0]), f32(inputs[1]), f32(inputs[2])];
  const [dx, dweight] = [f32(outputs[0]), f32(outputs[1])];
  const width = weight.length;
  const totals = new Float64Array(width);
  for (let start = 0; start < x.length; start += width) {
    const scale = inverseRms(x, start, width, epsilon);
    let inner = 0;
    for (let i = 0; i < width; i++) {
      const product = (dy[start + i] as number) * (x[start + i] as number) * scale;
      totals[i] = (totals[i] as number) + product;
      inner += product * (weight[i] as number);
    }
    const mean = (inner / width) * scale;
    for (let i = 0; i < width; i++) dx[start + i] = scale * ((weight[i] as number) * (dy[start + i] as number) - (x[start + i] as number) * mean);
  }
  dweight.set(totals);
}
