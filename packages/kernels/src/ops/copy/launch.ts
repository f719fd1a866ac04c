import { sizeOf, storageBytes } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { at, itemsGrid, kernel, kernelCode, read, words, write } from '../launching.js';
import source from './copy.parallel.fwd.wgsl';

const code = kernelCode(source);

/** Copies 4-byte words, whatever the dtype. */
export const copyKernel: GpuKernel = kernel(({ inputs, capabilities }) => {
  const count = sizeOf(at(inputs, 0).shape) === 0 ? 0 : storageBytes(at(inputs, 0)) / 4;
  return {
    form: 'parallel',
    launches: [
      { label: 'copy', code, entryPoint: 'main', bindings: [read(0), write(0)], uniforms: words(count), workgroups: itemsGrid(count, capabilities) },
    ],
  };
});
