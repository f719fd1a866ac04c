import { stridesOf, type TransposeAttributes } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { at, kernel } from '../launching.js';
import { stridedCopy } from '../strided-copy.js';

export const transposeKernel: GpuKernel = kernel<TransposeAttributes>(({ inputs, outputs, attributes: { permutation }, capabilities }) => {
  const x = at(inputs, 0);
  const own = stridesOf(x.shape);
  return stridedCopy(
    'transpose',
    x,
    at(outputs, 0).shape,
    permutation.map((axis) => own[axis] as number),
    0,
    capabilities,
  );
});
