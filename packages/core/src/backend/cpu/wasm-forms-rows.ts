import { log } from '../../math.js';
import { type CpuValue, f32, i32, type TensorSpec } from '../../op.js';
import { checkTarget } from '../../ops/cross-entropy/cpu.js';
import type { GatedRmsNormAttributes } from '../../ops/gated-rms-norm/op.js';
import { sizeOf } from '../../shape.js';
import type { WasmRuntime } from './wasm/runtime.js';
import type { WasmForm } from './wasm-forms.js';

/** Forms whose exponentials run in WASM over whole arrays, and whose sums over rows are plain loops in float64. */

function at(values: readonly CpuValue[], index: number): number {
  return (values[index] as CpuValue).pointer;
}

function largestOf(x: Float32Array, start: number, end: number): number {
  let largest = -Infinity;
  for (let i = start; i < end; i++) if ((x[i] as number) > largest) largest = x[i] as number;
  return largest;
}

export const softmaxForm: WasmForm = (runtime, { inputs }) => {
  const { shape } = inputs[0] as TensorSpec;
  const width = shape.at(-1) as number;
  return (call) => {
    const [x, y] = [f32(call.inputs[0]), f32(call.outputs[0])];
    for (let start = 0; start < x.length; start += width) {
      const largest = largestOf(x, start, start + width);
      for (let i = start; i < start + width; i++) y[i] = (x[i] as number) - largest;
    }
    runtime.unary('exp', at(call.outputs, 0), at(call.outputs, 0), y.length);
    for (let start = 0; start < y.length; start += width) {
      let total = 0;
      for (let i = start; i < start + width; i++) total += y[i] as number;
      const scale = 1 / total;
      for (let i = start; i < start + width; i++) y[i] = (y[i] as number) * scale;
    }
  };
};

/** (softmax - onehot) d, the exponentials in the memory of the result. */
export const crossEntropyGradForm: WasmForm = (runtime, { inputs }) => {
  const [rows, width] = (inputs[0] as TensorSpec).shape as readonly [number, number];
  return (call) => {
    const [logits, targets, logSumExp, d, y] = [
      f32(call.inputs[0]),
      i32(call.inputs[1]),
      f32(call.inputs[2]),
      f32(call.inputs[3]),
      f32(call.outputs[0]),
    ];
    for (let row = 0; row < rows; row++) {
      const total = logSumExp[row] as number;
      for (let i = row * width; i < (row + 1) * width; i++) y[i] = (logits[i] as number) - total;
    }
    runtime.unary('exp', at(call.outputs, 0), at(call.outputs, 0), rows * width);
    for (let row = 0; row < rows; row++) {
      const target = targets[row] as number;
      const start = row * width;
      if (target < 0) {
        y.fill(0, start, start + width);
        continue;
      }
      const scale = d[row] as number;
      y[start + target] = (y[start + target] as number) - 1;
      for (let i = start; i < start + width; i++) y[i] = (y[i] as number) * scale;
    }
  };
};

export const gatedRmsNormForm: WasmForm = (runtime, { inputs, attributes }) => {
  const { epsilon } = attributes as GatedRmsNormAttributes;
  const width = sizeOf((inputs[2] as TensorSpec).shape);
  return (call) => {
    const [x, weight, y] = [f32(call.inputs[0]), f32(call.inputs[2]), f32(call.outputs[0])];
    runtime.unary('silu', at(call.inputs, 1), at(call.outputs, 0), y.length);
    for (let start = 0; start < y.length; start += width) {
      let squares = 0;
      for (let i = start; i < start + width; i++) {
        const value = (x[i] as number) * (y[i] as number);
        squares += value * value;
      }
      const scale = 1 / Math.sqrt(squares / width + epsilon);
      for (let i = 0; i < width; i++) y[start + i] = (x[start + i] as number) * (y[start + i] as number) * scale * (weight[i] as number);
    }
  };
};

/** The sigmoids of z lie in the memory of dz until it is written. */
export const gatedRmsNormGradForm: WasmForm = (runtime, { inputs, attributes }) => {
  const { epsilon } = attributes as GatedRmsNormAttributes;
  const width = sizeOf((inputs[2] as TensorSpec).shape);
  return (call) => {
    const [x, z, weight, dy] = [f32(call.inputs[0]), f32(call.inputs[1]), f32(call.inputs[2]), f32(call.inputs[3])];
    const [dx, dz, dweight] = [f32(call.outputs[0]), f32(call.outputs[1]), f32(call.outputs[2])];
    runtime.unary('sigmoid', at(call.inputs, 1), at(call.outputs, 1), z.length);
    const totals = new Float64Array(width);
    for (let start = 0; start < x.length; start += width) gradientOfRow(x, z, weight, dy, dx, dz, totals, start, width, epsilon);
    dweight.set(totals);
  };
};

function gradientOfRow(
  x: Float32Array,
  z: Float32Array,
  weight: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
  dz: Float32Array,
  totals: Float64Array,
  start: number,
  width: number,
  epsilon: number,
): void {
  let squares = 0;
  let inner = 0;
  for (let i = 0; i < width; i++) {
    const value = (x[start + i] as number) * (z[start + i] as number) * (dz[start + i] as number);
    squares += value * value;
    inner += (dy[start + i] as number) * value * (weight[i] as number);
  }
  const scale = 1 / Math.sqrt(squares / width + epsilon);
  const mean = (inner / width) * scale * scale;
  for (let i = 0; i < width; i++) {
    const [own, gate, s, d] = [x[start + i] as number, z[start + i] as number, dz[start + i] as number, dy[start + i] as number];
    const value = own * gate * s;
    totals[i] = (totals[i] as number) + d * value * scale;
    const du = scale * ((weight[i] as number) * d - value * mean);
    dx[start + i] = du * gate * s;
    dz[start + i] = du * own * s * (1 + gate * (1 - s));
  }
}

const blockRows = 32;

interface Arena {
  readonly pointer: number;
  readonly bytes: number;
}

/** Ops of one runtime run one after the other, so they share one piece of its memory, which grows when a program is prepared. */
const arenas = new WeakMap<WasmRuntime, Arena>();

function reserve(runtime: WasmRuntime, bytes: number): void {
  const present = arenas.get(runtime);
  if (present !== undefined && present.bytes >= bytes) return;
  if (present !== undefined) runtime.free(present.pointer);
  arenas.set(runtime, { pointer: runtime.allocate(bytes), bytes });
}

/** The exponentials of a block of rows at a time, in memory of the runtime's that all cross-entropies share. */
export const crossEntropyForm: WasmForm = (runtime, { inputs }) => {
  const [rows, width] = (inputs[0] as TensorSpec).shape as readonly [number, number];
  const count = Math.min(blockRows, rows) * width;
  reserve(runtime, 4 * count);
  return (call) => {
    const { pointer } = arenas.get(runtime) as Arena;
    const [logits, targets] = [f32(call.inputs[0]), i32(call.inputs[1])];
    const [losses, logSumExp] = [f32(call.outputs[0]), f32(call.outputs[1])];
    const scratch = runtime.view('f32', pointer, count) as Float32Array;
    for (let first = 0; first < rows; first += blockRows) {
      const last = Math.min(rows, first + blockRows);
      for (let row = first; row < last; row++) {
        const [start, to] = [row * width, (row - first) * width];
        const largest = largestOf(logits, start, start + width);
        logSumExp[row] = largest;
        for (let i = 0; i < width; i++) scratch[to + i] = (logits[start + i] as number) - largest;
      }
      runtime.unary('exp', pointer, pointer, (last - first) * width);
      for (let row = first; row < last; row++) {
        const target = targets[row] as number;
        checkTarget(target, row, width);
        let total = 0;
        const from = (row - first) * width;
        for (let i = from; i < from + width; i++) total += scratch[i] as number;
        const logarithm = (logSumExp[row] as number) + log(total);
        logSumExp[row] = logarithm;
        losses[row] = target < 0 ? 0 : logarithm - (logits[row * width + target] as number);
      }
    }
  };
};
