import { type CpuCall, type CpuValue, f32 } from '../../op.js';
import { causalConv1dGradReference, causalConv1dReference } from './cpu.js';

const WIDTH = 4;

/** Tap w of all channels, side by side. */
function tapOf(weight: Float32Array, w: number): Float64Array {
  const tap = new Float64Array(weight.length / WIDTH);
  for (let d = 0; d < tap.length; d++) tap[d] = weight[d * WIDTH + w] as number;
  return tap;
}

/** State and inputs of one batch item joined along time: [width - 1 + T, D]. */
function joined(x: Float32Array, state: Float32Array, b: number, time: number, channels: number): Float32Array {
  const history = (WIDTH - 1) * channels;
  const all = new Float32Array(history + time * channels);
  all.set(state.subarray(b * history, (b + 1) * history));
  all.set(x.subarray(b * time * channels, (b + 1) * time * channels), history);
  return all;
}

/** Four taps in one pass, the same sums in the same order as the reference. */
export function causalConv1dFast(call: CpuCall<Record<string, never>>): void {
  const { shape } = call.inputs[0] as CpuValue;
  if (call.inputs[1]?.shape[1] !== WIDTH) {
    causalConv1dReference(call);
    return;
  }
  const [batch, time, channels] = shape as readonly [number, number, number];
  const [x, weight, bias, state] = call.inputs.map(f32) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const [y, next] = call.outputs.map(f32) as [Float32Array, Float32Array];
  const [w0, w1, w2, w3] = [0, 1, 2, 3].map((w) => tapOf(weight, w)) as [Float64Array, Float64Array, Float64Array, Float64Array];
  for (let b = 0; b < batch; b++) {
    const all = joined(x, state, b, time, channels);
    for (let t = 0; t < time; t++) rowOfTaps(y, (b * time + t) * channels, bias, w0, w1, w2, w3, all, t * channels, channels);
    next.set(all.subarray(time * channels), b * (WIDTH - 1) * channels);
  }
}

function rowOfTaps(
  to: Float32Array,
  at: number,
  bias: Float32Array,
  w0: Float64Array,
  w1: Float64Array,
  w2: Float64Array,
  w3: Float64Array,
  from: Float32Array,
  start: number,
  channels: number,
): void {
  const [s1, s2, s3] = [start + channels, start + 2 * channels, start + 3 * channels];
  for (let d = 0; d < channels; d++)
    to[at + d] =
      (bias[d] as number) +
      (w0[d] as number) * (from[start + d] as number) +
      (w1[d] as number) * (from[s1 + d] as number) +
      (w2[d] as number) * (from[s2 + d] as number) +
      (w3[d] as number) * (from[s3 + d] as number);
}

/** dx is the convolution of dy with the taps reversed; the weights' sums run over one row of all channels at a time. */
export function causalConv1dGradFast(call: CpuCall<Record<string, never>>): void {
  const { shape } = call.inputs[0] as CpuValue;
  if (call.inputs[1]?.shape[1] !== WIDTH) {
    causalConv1dGradReference(call);
    return;
  }
  const [batch, time, channels] = shape as readonly [number, number, number];
  const [x, weight, state, dy] = call.inputs.map(f32) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const [dx, dweight, dbias, dstate] = call.outputs.map(f32) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const [w0, w1, w2, w3] = [0, 1, 2, 3].map((w) => tapOf(weight, w)) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const sums = [0, 1, 2, 3].map(() => new Float64Array(channels)) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const biases = new Float64Array(channels);
  const none = new Float32Array(channels);
  const history = (WIDTH - 1) * channels;
  const row = time * channels;
  // dy of one batch item with width - 1 rows of zeros on either side.
  const padded = new Float32Array(row + 2 * history);
  for (let b = 0; b < batch; b++) {
    const all = joined(x, state, b, time, channels);
    padded.set(dy.subarray(b * row, (b + 1) * row), history);
    for (let s = 0; s < WIDTH - 1; s++) rowOfTaps(dstate, b * history + s * channels, none, w3, w2, w1, w0, padded, s * channels, channels);
    for (let t = 0; t < time; t++) {
      rowOfTaps(dx, b * row + t * channels, none, w3, w2, w1, w0, padded, (t + WIDTH - 1) * channels, channels);
      addRow(sums, biases, all, t * channels, padded, (t + WIDTH - 1) * channels, channels);
    }
  }
  for (let d = 0; d < channels; d++) for (let w = 0; w < WIDTH; w++) dweight[d * WIDTH + w] = sums[w]?.[d] as number;
  dbias.set(biases);
}

function addRow(
  [s0, s1, s2, s3]: readonly [Float64Array, Float64Array, Float64Array, Float64Array],
  biases: Float64Array,
  x: Float32Array,
  start: number,
  dy: Float32Array,
  at: number,
  channels: number,
): void {
  for (let d = 0; d < channels; d++) {
    const g = dy[at + d] as number;
    s0[d] = (s0[d] as number) + g * (x[start + d] as number);
    s1[d] = (s1[d] as number) + g * (x[start + channels + d] as number);
    s2[d] = (s2[d] as number) + g * (x[start + 2 * channels + d] as number);
    s3[d] = (s3[d] as number) + g * (x[start + 3 * channels + d] as number);
    biases[d] = (biases[d] as number) + g;
  }
}
