import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { add, mul, sub } from '../binary/op.js';
import { reshape } from '../reshape/op.js';
import { exp } from '../unary/op.js';
import { crossEntropyGradOp } from './op.js';

export function crossEntropyGradient({ inputs, outputs, cotangents }: GradientCall<Record<string, never>>): readonly (Tensor | null)[] {
  const [logits, targets] = inputs as readonly [Tensor, Tensor];
  const total = outputs[1] as Tensor;
  const [dLosses, dTotal] = [cotangents[0] ?? null, cotangents[1] ?? null];
  const fromLosses = dLosses === null ? null : (crossEntropyGradOp([logits, targets, total, dLosses], {})[0] as Tensor);
  if (dTotal === null) return [fromLosses, null];
  const column = [logits.shape[0] as number, 1];
  const fromTotal = mul(exp(sub(logits, reshape(total, column))), reshape(dTotal, column));
  return [fromLosses === null ? fromTotal : add(fromLosses, fromTotal), null];
}
