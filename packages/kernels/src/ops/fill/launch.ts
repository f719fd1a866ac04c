import { allocate, type FillAttributes, sizeOf } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { itemsGrid, kernel, kernelCode, words, write } from '../launching.js';
import source from './fill.parallel.fwd.wgsl';

const code = kernelCode(source);

export const fillKernel: GpuKernel = kernel<FillAttributes>(({ attributes: { shape, value, dtype }, capabilities }) => {
  const count = sizeOf(shape);
  const one = allocate(dtype, 1);
  one[0] = value;
  const bits = new Uint32Array(one.buffer)[0] as number;
  const workgroups = itemsGrid(count, capabilities);
  return {
    form: 'parallel',
    launches: [{ label: 'fill', code, entryPoint: 'main', bindings: [write(0)], uniforms: words(count, bits), workgroups }],
  };
});
