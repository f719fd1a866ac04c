import { sizeOf } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { at, kernel, read, words, write } from '../launching.js';
import { rowForm } from '../rows.js';
import source from './softmax.parallel.fwd.wgsl';

export const softmaxKernel: GpuKernel = kernel(({ inputs, capabilities }) => {
  const { shape } = at(inputs, 0);
  const width = shape.at(-1) as number;
  const rows = width === 0 ? 0 : sizeOf(shape) / width;
  const { form, code, workgroups } = rowForm(capabilities);
  const launch = {
    label: 'softmax',
    code: code(source),
    entryPoint: 'main',
    bindings: [read(0), write(0)],
    uniforms: words(rows, width),
    workgroups: workgroups(rows),
  };
  return { form, launches: [launch] };
});
