import { type SliceAttributes, stridesOf } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { at, kernel } from '../launching.js';
import { stridedCopy } from '../strided-copy.js';

export const sliceKernel: GpuKernel = kernel<SliceAttributes>(({ inputs, outputs, attributes: { start }, capabilities }) => {
  const own = stridesOf(at(inputs, 0).shape);
  const offset = start.reduce((sum, first, axis) => sum + first * (own[axis] as number), 0);
  return stridedCopy('slice', at(inputs, 0), at(outputs, 0).shape, own, offset, capabilities);
});
