import { type AdamwAttributes, sizeOf } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { at, floats, itemsGrid, kernel, kernelCode, read, words, write } from '../launching.js';
import source from './adamw.parallel.fwd.wgsl';

const code = kernelCode(source);

export const adamwKernel: GpuKernel = kernel<AdamwAttributes>(({ inputs, attributes: { beta1, beta2, epsilon, weightDecay }, capabilities }) => {
  const count = sizeOf(at(inputs, 0).shape);
  const launch = {
    label: 'adamw',
    code,
    entryPoint: 'main',
    bindings: [write(0), write(1), write(2), read(3), read(4)],
    uniforms: [...words(count), ...floats(beta1, beta2, 1 - beta1, 1 - beta2, epsilon, weightDecay)],
    workgroups: itemsGrid(count, capabilities),
  };
  return { form: 'parallel', launches: [launch] };
});
