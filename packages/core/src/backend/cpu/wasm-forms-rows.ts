import { log } from '../../math.js';
import { type CpuValue, f32, i32, type TensorSpec } from '../../op.js';
import { checkTarget } from '../../ops/cross-entropy/cpu.js';
import { sizeOf } from '../../shape.js';
import { convFits } from './wasm/conv.js';
import type { WasmForm } from './wasm-forms.js';

/** Forms of the fused ops over rows: norms, softmax, cross-entropy, convolution. */

function at(values: readonly CpuValue[], index: number): number {
  return (values[index] as CpuValue).pointer;
}

function rowsAndWidth({ shape }: TensorSpec): { rows: number; width: number } {
  const width = shape.at(-1) as number;
  return { rows: sizeOf(shape.slice(0, -1)), width };
}

export const softmaxForm: WasmForm = (runtime, { inputs }) => {
  const { rows, width } = rowsAndWidth(inputs[0] as TensorSpec);
  return width === 0 ? null : (call) => runtime.softmax(at(call.inputs, 0), at(call.outputs, 0), rows, width);
};

export const crossEntropyForm: WasmForm = (runtime, { inputs }) => {
  const { rows, width } = rowsAndWidth(inputs[0] as TensorSpec);
  return (call) => {
    runtime.expSum(at(call.inputs, 0), at(call.outputs, 0), at(call.outputs, 1), rows, width);
    const [logits, targets] = [f32(call.inputs[0]), i32(call.inputs[1])];
    const [losses, logSumExp] = [f32(call.outputs[0]), f32(call.outputs[1])];
    for (let row = 0; row < rows; row++) {
      const target = targets[row] as number;
      checkTarget(target, row, width);
      const total = (losses[row] as number) + log(logSumExp[row] as number);
      logSumExp[row] = total;
      losses[row] = target < 0 ? 0 : total - (logits[row * width + target] as number);
    }
  };
};

export const crossEntropyGradForm: WasmForm = (runtime, { inputs }) => {
  const { rows, width } = rowsAndWidth(inputs[0] as TensorSpec);
  return ({ inputs: from, outputs: to }) =>
    runtime.crossEntropyGrad({ logits: at(from, 0), targets: at(from, 1), logSumExp: at(from, 2), d: at(from, 3), y: at(to, 0), rows, width });
};

export const rmsNormForm: WasmForm = (runtime, { inputs, attributes }) => {
  const sizes = { ...rowsAndWidth(inputs[0] as TensorSpec), epsilon: attributes.epsilon as number };
  return ({ inputs: from, outputs: to }) => runtime.rmsNorm({ x: at(from, 0), weight: at(from, 1), y: at(to, 0), ...sizes });
};

export const gatedRmsNormForm: WasmForm = (runtime, { inputs, attributes }) => {
  const sizes = { ...rowsAndWidth(inputs[0] as TensorSpec), epsilon: attributes.epsilon as number };
  return ({ inputs: from, outputs: to }) => runtime.rmsNorm({ x: at(from, 0), z: at(from, 1), weight: at(from, 2), y: at(to, 0), ...sizes });
};

export const rmsNormGradForm: WasmForm = (runtime, { inputs, attributes }) => {
  const sizes = { ...rowsAndWidth(inputs[0] as TensorSpec), epsilon: attributes.epsilon as number };
  return ({ inputs: from, outputs: to }) =>
    runtime.rmsNormGrad({ x: at(from, 0), weight: at(from, 1), dy: at(from, 2), dx: at(to, 0), dweight: at(to, 1), ...sizes });
};

export const gatedRmsNormGradForm: WasmForm = (runtime, { inputs, attributes }) => {
  const sizes = { ...rowsAndWidth(inputs[0] as TensorSpec), epsilon: attributes.epsilon as number };
  return ({ inputs: from, outputs: to }) =>
    runtime.rmsNormGrad({
      x: at(from, 0),
      z: at(from, 1),
      weight: at(from, 2),
      dy: at(from, 3),
      dx: at(to, 0),
      dz: at(to, 1),
      dweight: at(to, 2),
      ...sizes,
    });
};

/** The sizes of a convolution that the WASM form takes, else null: some rows, and taps that fit its buffer. */
function convSizes(inputs: readonly TensorSpec[]): { batch: number; time: number; channels: number; width: number } | null {
  const [batch, time, channels] = (inputs[0] as TensorSpec).shape as readonly [number, number, number];
  const width = (inputs[1] as TensorSpec).shape[1] as number;
  return batch * time * channels > 0 && convFits(channels, width) ? { batch, time, channels, width } : null;
}

export const causalConv1dForm: WasmForm = (runtime, { inputs }) => {
  const sizes = convSizes(inputs);
  if (sizes === null) return null;
  const { batch, time, channels, width } = sizes;
  const [history, row] = [(width - 1) * channels, time * channels];
  // The new state: the last rows of x, and what is left of the old state where x has fewer.
  const fresh = Math.min(history, row);
  const kept = history - fresh;
  return ({ inputs: from, outputs: to }) => {
    const [x, state, next] = [at(from, 0), at(from, 3), at(to, 1)];
    runtime.conv({ x, weight: at(from, 1), bias: at(from, 2), state, y: at(to, 0), ...sizes });
    runtime.copyRows({ x: state + 4 * fresh, y: next, rows: batch, length: kept, strideX: history, strideY: history });
    runtime.copyRows({ x: x + 4 * (row - fresh), y: next + 4 * kept, rows: batch, length: fresh, strideX: row, strideY: history });
  };
};

export const causalConv1dGradForm: WasmForm = (runtime, { inputs }) => {
  const sizes = convSizes(inputs);
  if (sizes === null) return null;
  return ({ inputs: from, outputs: to }) =>
    runtime.convGrad({
      x: at(from, 0),
      weight: at(from, 1),
      state: at(from, 2),
      dy: at(from, 3),
      dx: at(to, 0),
      dweight: at(to, 1),
      dbias: at(to, 2),
      dstate: at(to, 3),
      ...sizes,
    });
};
