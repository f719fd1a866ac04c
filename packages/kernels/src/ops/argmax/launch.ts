import { type ArgmaxAttributes, sizeOf } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { around, at, itemsGrid, kernel, kernelCode, read, words, write } from '../launching.js';
import source from './argmax.parallel.fwd.wgsl';

const code = kernelCode(source);
const minusInfinity = 0xff800000;

export const argmaxKernel: GpuKernel = kernel<ArgmaxAttributes>(({ inputs, outputs, attributes: { axis }, capabilities }) => {
  const count = sizeOf(at(outputs, 0).shape);
  const { length, inner } = around(at(inputs, 0).shape, axis);
  const launch = {
    label: 'argmax',
    code,
    entryPoint: 'main',
    bindings: [read(0), write(0)],
    uniforms: words(count, length, inner, minusInfinity),
    workgroups: itemsGrid(count, capabilities),
  };
  return { form: 'parallel', launches: [launch] };
});
