import { sigmoid } from '../../math.js';
import { type CpuCall, f32 } from '../../op.js';
import type { GatedRmsNormAttributes } from './op.js';

export function gatedRmsNormReference({ inputs, outputs, attributes: { epsilon } }: CpuCall<GatedRmsNormAttributes>): void {
  const [x, z, weight] = [f32(inputs[0]), f32(inputs[1]), f32(inputs[2])];
  const y = f32(outputs[0]);
  const width = weight.length;
  const gated = new Float64Array(width);
  for (let start = 0; start < x.length; start += width) {
    let squares = 0;
    for (let i = 0; i < width; i++) {
      const gate = z[start + i] as number;
      const value = (x[start + i] as number) * gate * sigmoid(gate);
      gated[i] = value;
      squares += value * value;
    }
    const scale = 1 / Math.sqrt(squares / width + epsilon);
    for (let i = 0; i < width; i++) y[start + i] = (gated[i] as number) * scale * (weight[i] as number);
  }
}

/** As `rms-norm-grad` for u = x silu(z), then dx = du silu(z), dz = du x s (1 + z (1 - s)) with s = sigmoid(z). */
export function gatedRmsNormGradReference({ inputs, outputs, attributes: { epsilon } }: CpuCall<GatedRmsNormAttributes>): void {
  const [x, z, weight, dy] = [f32(inputs[0]), f32(inputs[1]), f32(inputs[2]), f32(inputs[3])];
  const [dx, dz, dweight] = [f32(outputs[0]), f32(outputs[1]), f32(outputs[2])];
  const width = weight.length;
  const totals = new Float64Array(width);
  const gates = new Float64Array(width);
  for (let start = 0; start < x.length; start += width) {
    let squares = 0;
    let inner = 0;
    for (let i = 0; i < width; i++) {
      const gate = z[start + i] as number;
      const s = sigmoid(gate);
      gates[i] = s;
      const value = (x[start + i] as number) * gate * s;
      squares += value * value;
      inner += (dy[start + i] as number) * value * (weight[i] as number);
    }
    const scale = 1 / Math.sqrt(squares / width + epsilon);
    const mean = (inner / width) * scale * scale;
    for (let i = 0; i < width; i++) {
      const gate = z[start + i] as number;
      const s = gates[i] as number;
      const value = (x[start + i] as number) * gate * s;
      totals[i] = (totals[i] as number) + (dy[start + i] as number) * value * scale;
      const du = scale * ((weight[i] as number) * (dy[start + i] as number) - value * mean);
      dx[start + i] = du * gate * s;
      dz[start + i] = du * (x[start + i] as number) * s * (1 + gate * (1 - s));
    }
  }
  dweight.set(totals);
}
