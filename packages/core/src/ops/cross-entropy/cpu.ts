import { DlaError } from '../../errors.js';
import { exp, log } from '../../math.js';
import { type CpuCall, f32, i32 } from '../../op.js';

/** An `argument` error for a target outside [-1, width). */
export function checkTarget(target: number, row: number, width: number): void {
  if (target < -1 || target >= width)
    throw new DlaError('argument', 'target out of range', {
      where: 'cross-entropy',
      expected: `-1 to ${width - 1}`,
      found: `${target} at position ${row}`,
    });
}

export function crossEntropyReference({ inputs, outputs }: CpuCall<Record<string, never>>): void {
  const [logits, targets] = [f32(inputs[0]), i32(inputs[1])];
  const [losses, logSumExp] = [f32(outputs[0]), f32(outputs[1])];
  const width = inputs[0]?.shape[1] as number;
  for (let row = 0; row < targets.length; row++) {
    const target = targets[row] as number;
    checkTarget(target, row, width);
    const start = row * width;
    const total = logSumExpOf(logits, start, width);
    logSumExp[row] = total;
    losses[row] = target < 0 ? 0 : total - (logits[start + target] as number);
  }
}

function logSumExpOf(logits: Float32Array, start: number, width: number): number {
  let largest = -Infinity;
  for (let i = start; i < start + width; i++) if ((logits[i] as number) > largest) largest = logits[i] as number;
  let total = 0;
  for (let i = start; i < start + width; i++) total += exp((logits[i] as number) - largest);
  return largest + log(total);
}

export function crossEntropyGradReference({ inputs, outputs }: CpuCall<Record<string, never>>): void {
  const [logits, targets, logSumExp, d] = [f32(inputs[0]), i32(inputs[1]), f32(inputs[2]), f32(inputs[3])];
  const y = f32(outputs[0]);
  const width = inputs[0]?.shape[1] as number;
  for (let row = 0; row < targets.length; row++) {
    const target = targets[row] as number;
    const start = row * width;
    if (target < 0) {
      y.fill(0, start, start + width);
      continue;
    }
    const total = logSumExp[row] as number;
    const scale = d[row] as number;
    for (let i = start; i < start + width; i++) y[i] = exp((logits[i] as number) - total) * scale;
    y[start + target] = (exp((logits[start + target] as number) - total) - 1) * scale;
  }
}
