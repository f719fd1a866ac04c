import { broadcastStrides, sizeOf } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import strided from '../../wgsl/strided.wgsl';
import { at, itemsGrid, kernel, kernelCode, read, stridedUniforms, write } from '../launching.js';
import source from './where.parallel.fwd.wgsl';

const code = kernelCode(strided + source);

export const whereKernel: GpuKernel = kernel(({ inputs, outputs, capabilities }) => {
  const { shape } = at(outputs, 0);
  const launch = {
    label: 'where',
    code,
    entryPoint: 'main',
    bindings: [read(0), read(1), read(2), write(0)],
    uniforms: stridedUniforms(
      'where',
      shape,
      inputs.map((input) => broadcastStrides(input.shape, shape)),
    ),
    workgroups: itemsGrid(sizeOf(shape), capabilities),
  };
  return { form: 'parallel', launches: [launch] };
});
