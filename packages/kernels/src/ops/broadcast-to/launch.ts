import { broadcastStrides } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { at, kernel } from '../launching.js';
import { stridedCopy } from '../strided-copy.js';

export const broadcastToKernel: GpuKernel = kernel(({ inputs, outputs, capabilities }) => {
  const { shape } = at(outputs, 0);
  return stridedCopy('broadcast-to', at(inputs, 0), shape, broadcastStrides(at(inputs, 0).shape, shape), 0, capabilities);
});
