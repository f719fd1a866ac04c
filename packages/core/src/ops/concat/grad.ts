import type { GradientCall } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { sliceAxis } from '../slice/op.js';
import type { ConcatAttributes } from './op.js';

export function concatGradient({ inputs, cotangents, needed, attributes: { axis } }: GradientCall<ConcatAttributes>): readonly (Tensor | null)[] {
  const d = cotangents[0] ?? null;
  let end = 0;
  return inputs.map(({ shape }, index) => {
    const start = end;
    end += shape[axis] as number;
    return d === null || needed[index] !== true ? null : sliceAxis(d, axis, start, end);
  });
}
