import { sizeOf, type UnaryAttributes, unaryKinds } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { at, itemsGrid, kernel, kernelCode, read, words, write } from '../launching.js';
import source from './unary.parallel.fwd.wgsl';

const code = kernelCode(source);

export const unaryKernel: GpuKernel = kernel<UnaryAttributes>(({ inputs, attributes: { kind }, capabilities }) => {
  const count = sizeOf(at(inputs, 0).shape);
  const constants = { kind: unaryKinds.indexOf(kind) };
  const workgroups = itemsGrid(count, capabilities);
  return {
    form: 'parallel',
    launches: [{ label: kind, code, entryPoint: 'main', constants, bindings: [read(0), write(0)], uniforms: words(count), workgroups }],
  };
});
