import { sizeOf } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { at, itemsGrid, kernel, kernelCode, read, words, write } from '../launching.js';
import source from './gather.parallel.fwd.wgsl';

const code = kernelCode(source);

/** An index outside the table gives zeros: a kernel cannot throw. */
export const gatherKernel: GpuKernel = kernel(({ inputs, outputs, capabilities }) => {
  const count = sizeOf(at(outputs, 0).shape);
  const [rows, width] = at(inputs, 0).shape as readonly [number, number];
  const launch = {
    label: 'gather',
    code,
    entryPoint: 'main',
    bindings: [read(0), read(1), write(0)],
    uniforms: words(count, width, rows),
    workgroups: itemsGrid(count, capabilities),
  };
  return { form: 'parallel', launches: [launch] };
});
