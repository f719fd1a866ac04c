import { type ConcatAttributes, sizeOf } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { at, itemsGrid, kernel, kernelCode, read, wgslType, words, write } from '../launching.js';
import source from './concat.parallel.fwd.wgsl';

const code = kernelCode(source);

/** One launch an input. */
export const concatKernel: GpuKernel = kernel<ConcatAttributes>(({ inputs, outputs, attributes: { axis }, capabilities }) => {
  const y = at(outputs, 0);
  wgslType('concat', y.dtype);
  const row = sizeOf(y.shape.slice(axis));
  let column = 0;
  const launches = inputs.map(({ shape }, index) => {
    const count = sizeOf(shape);
    const length = sizeOf(shape.slice(axis));
    const uniforms = words(count, length, row, column);
    column += length;
    return {
      label: `concat ${index}`,
      code,
      entryPoint: 'main',
      bindings: [read(index), write(0)],
      uniforms,
      workgroups: itemsGrid(count, capabilities),
    };
  });
  return { form: 'parallel', launches };
});
