import { type CpuCall, type CpuValue, f32 } from '../../op.js';

interface Sizes {
  readonly batch: number;
  readonly time: number;
  readonly channels: number;
  readonly width: number;
}

function sizesOf(x: CpuValue, weight: CpuValue): Sizes {
  const [batch, time, channels] = x.shape as readonly [number, number, number];
  return { batch, time, channels, width: weight.shape[1] as number };
}

/** The array and offset of the row of inputs at time t of batch item b; times before 0 lie in the state. */
function rowAt(x: Float32Array, state: Float32Array, { time, channels, width }: Sizes, b: number, t: number): readonly [Float32Array, number] {
  return t >= 0 ? [x, (b * time + t) * channels] : [state, (b * (width - 1) + t + width - 1) * channels];
}

/** Row by row over the channels, each sum in float64 in the order bias, oldest tap, .., newest tap. */
export function causalConv1dReference({ inputs, outputs }: CpuCall<Record<string, never>>): void {
  const sizes = sizesOf(inputs[0] as CpuValue, inputs[1] as CpuValue);
  const { batch, time, channels, width } = sizes;
  const [x, weight, bias, state] = [f32(inputs[0]), f32(inputs[1]), f32(inputs[2]), f32(inputs[3])];
  const [y, next] = [f32(outputs[0]), f32(outputs[1])];
  const totals = new Float64Array(channels);
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < time; t++) {
      totals.set(bias);
      for (let w = 0; w < width; w++) {
        const [from, start] = rowAt(x, state, sizes, b, t - width + 1 + w);
        addTap(totals, weight, w, width, from, start);
      }
      y.set(totals, (b * time + t) * channels);
    }
    for (let w = 0; w < width - 1; w++) {
      const [from, start] = rowAt(x, state, sizes, b, time - width + 1 + w);
      next.set(from.subarray(start, start + channels), (b * (width - 1) + w) * channels);
    }
  }
}

function addTap(totals: Float64Array, weight: Float32Array, w: number, width: number, from: Float32Array, start: number): void {
  for (let d = 0; d < totals.length; d++) totals[d] = (totals[d] as number) + (weight[d * width + w] as number) * (from[start + d] as number);
}

export function causalConv1dGradReference({ inputs, outputs }: CpuCall<Record<string, never>>): void {
  const sizes = sizesOf(inputs[0] as CpuValue, inputs[1] as CpuValue);
  const { batch, time, channels, width } = sizes;
  const [x, weight, state, dy] = [f32(inputs[0]), f32(inputs[1]), f32(inputs[2]), f32(inputs[3])];
  const [dx, dweight, dbias, dstate] = [f32(outputs[0]), f32(outputs[1]), f32(outputs[2]), f32(outputs[3])];
  const weights = new Float64Array(weight.length);
  const biases = new Float64Array(channels);
  const totals = new Float64Array(channels);
  for (let b = 0; b < batch; b++) {
    // Input s meets the outputs s .. s + width - 1.
    for (let s = 1 - width; s < time; s++) {
      totals.fill(0);
      const [from, start] = rowAt(x, state, sizes, b, s);
      for (let w = 0; w < width; w++) {
        const t = s + width - 1 - w;
        if (t < 0 || t >= time) continue;
        const row = (b * time + t) * channels;
        addTap(totals, weight, w, width, dy, row);
        for (let d = 0; d < channels; d++)
          weights[d * width + w] = (weights[d * width + w] as number) + (dy[row + d] as number) * (from[start + d] as number);
      }
      const [to, target] = rowAt(dx, dstate, sizes, b, s);
      to.set(totals, target);
    }
    for (let row = b * time * channels; row < (b + 1) * time * channels; row += channels)
      for (let d = 0; d < channels; d++) biases[d] = (biases[d] as number) + (dy[row + d] as number);
  }
  dweight.set(weights);
  dbias.set(biases);
}
