import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { sumTo } from '../reduce/op.js';
import type { BroadcastToAttributes } from './op.js';

export function broadcastToGradient({ inputs, cotangents }: GradientCall<BroadcastToAttributes>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  return [d === null ? null : sumTo(d, (inputs[0] as Tensor).shape)];
}
