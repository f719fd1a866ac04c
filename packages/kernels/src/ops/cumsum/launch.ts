import type { CumsumAttributes } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { around, at, itemsGrid, kernel, kernelCode, read, words, write } from '../launching.js';
import source from './cumsum.recurrent.fwd.wgsl';

const code = kernelCode(source);

export const cumsumKernel: GpuKernel = kernel<CumsumAttributes>(({ inputs, attributes: { axis, reverse }, capabilities }) => {
  const { outer, length, inner } = around(at(inputs, 0).shape, axis);
  const lines = length === 0 ? 0 : outer * inner;
  const launch = {
    label: 'cumsum',
    code,
    entryPoint: 'main',
    bindings: [read(0), write(0)],
    uniforms: words(lines, length, inner, reverse ? 1 : 0),
    workgroups: itemsGrid(lines, capabilities),
  };
  return { form: 'recurrent', launches: [launch] };
});
