import { type IotaAttributes, sizeOf } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { around, itemsGrid, kernel, kernelCode, words, write } from '../launching.js';
import source from './iota.parallel.fwd.wgsl';

export const iotaKernel: GpuKernel = kernel<IotaAttributes>(({ attributes: { shape, axis, dtype }, capabilities }) => {
  const count = sizeOf(shape);
  const { inner, length } = around(shape, axis);
  const launch = {
    label: 'iota',
    code: kernelCode(source, { Element: dtype }),
    entryPoint: 'main',
    bindings: [write(0)],
    uniforms: words(count, inner, length),
    workgroups: itemsGrid(count, capabilities),
  };
  return { form: 'parallel', launches: [launch] };
});
