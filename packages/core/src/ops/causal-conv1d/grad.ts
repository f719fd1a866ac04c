import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { add } from '../binary/op.js';
import { zeros } from '../fill/op.js';
import { pad } from '../pad/op.js';
import { sliceAxis } from '../slice/op.js';
import { causalConv1dGradOp } from './op.js';

export function causalConv1dGradient({ inputs, cotangents }: GradientCall<Record<string, never>>): readonly (Tensor | null)[] {
  const [x, weight, , state] = inputs as readonly [Tensor, Tensor, Tensor, Tensor];
  const dy = cotangents[0] ?? zeros(x.shape);
  const [dx, dweight, dbias, dstate] = causalConv1dGradOp([x, weight, state, dy], {}) as readonly [Tensor, Tensor, Tensor, Tensor];
  const dnext = cotangents[1] ?? null;
  if (dnext === null) return [dx, dweight, dbias, dstate];
  // The new state is the end of state, x joined along time.
  const time = x.shape[1] as number;
  const history = state.shape[1] as number;
  const joined = pad(dnext, [0, time, 0], [0, 0, 0]);
  return [add(dx, sliceAxis(joined, 1, history, history + time)), dweight, dbias, add(dstate, sliceAxis(joined, 1, 0, history))];
}
