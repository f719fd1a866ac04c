import { type RandomBitsAttributes, sizeOf } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { itemsGrid, kernel, kernelCode, read, words, write } from '../launching.js';
import source from './random-bits.parallel.fwd.wgsl';

const code = kernelCode(source);

/** The same bits as on the CPU. */
export const randomBitsKernel: GpuKernel = kernel<RandomBitsAttributes>(({ attributes: { shape, shift }, capabilities }) => {
  const count = sizeOf(shape);
  const launch = {
    label: 'random-bits',
    code,
    entryPoint: 'main',
    bindings: [read(0), write(0)],
    uniforms: words(count, shift),
    workgroups: itemsGrid(Math.ceil(count / 4), capabilities),
  };
  return { form: 'parallel', launches: [launch] };
});
