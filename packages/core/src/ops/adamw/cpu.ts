import { type CpuCall, f32 } from '../../op.js';
import type { AdamwAttributes } from './op.js';

/** Elements of the controls: what changes from step to step. */
export const adamwControls = { learningRate: 0, inverseCorrection1: 1, inverseCorrection2: 2, gradientScale: 3 } as const;

/** Whether the gradient scale is infinity or NaN: all exponent bits set, tested as GPU kernels do. */
export function adamwSkips(controls: Float32Array): boolean {
  const bits = new Uint32Array(controls.buffer, controls.byteOffset, controls.length)[adamwControls.gradientScale] as number;
  return (bits & 0x7f800000) === 0x7f800000;
}

/** Outputs are written from inputs, which may be the same arrays. */
export function adamwReference({ inputs, outputs, attributes }: CpuCall<AdamwAttributes>): void {
  const [p, m, v, gradient, controls] = [f32(inputs[0]), f32(inputs[1]), f32(inputs[2]), f32(inputs[3]), f32(inputs[4])];
  const [nextP, nextM, nextV] = [f32(outputs[0]), f32(outputs[1]), f32(outputs[2])];
  const gradientScale = controls[adamwControls.gradientScale] as number;
  if (adamwSkips(controls)) {
    if (nextP !== p) nextP.set(p);
    if (nextM !== m) nextM.set(m);
    if (nextV !== v) nextV.set(v);
    return;
  }
  const { beta1, beta2, epsilon, weightDecay } = attributes;
  const learningRate = controls[adamwControls.learningRate] as number;
  const correct1 = controls[adamwControls.inverseCorrection1] as number;
  const correct2 = controls[adamwControls.inverseCorrection2] as number;
  for (let i = 0; i < p.length; i++) {
    const g = (gradient[i] as number) * gradientScale;
    const first = beta1 * (m[i] as number) + (1 - beta1) * g;
    const second = beta2 * (v[i] as number) + (1 - beta2) * g * g;
    const value = p[i] as number;
    nextP[i] = value - learningRate * (weightDecay * value + (first * correct1) / (Math.sqrt(second * correct2) + epsilon));
    nextM[i] = first;
    nextV[i] = second;
  }
}
