import type { GpuKernel } from '../../runtime/kernel.js';
import { at, itemsGrid, kernel, kernelCode, read, words, write } from '../launching.js';
import { rowForm } from '../rows.js';
import backward from './cross-entropy.parallel.bwd.wgsl';
import forward from './cross-entropy.parallel.fwd.wgsl';

const backwardCode = kernelCode(backward);

/** Targets outside the vocabulary are ignored, as -1 is. */
export const crossEntropyKernel: GpuKernel = kernel(({ inputs, capabilities }) => {
  const [rows, width] = at(inputs, 0).shape as readonly [number, number];
  const { form, code, workgroups } = rowForm(capabilities);
  const launch = {
    label: 'cross-entropy',
    code: code(forward),
    entryPoint: 'main',
    bindings: [read(0), read(1), write(0), write(1)],
    uniforms: words(rows, width),
    workgroups: workgroups(rows),
  };
  return { form, launches: [launch] };
});

export const crossEntropyGradKernel: GpuKernel = kernel(({ inputs, capabilities }) => {
  const [rows, width] = at(inputs, 0).shape as readonly [number, number];
  const launch = {
    label: 'cross-entropy-grad',
    code: backwardCode,
    entryPoint: 'main',
    bindings: [read(0), read(1), read(2), read(3), write(0)],
    uniforms: words(rows * width, width),
    workgroups: itemsGrid(rows * width, capabilities),
  };
  return { form: 'parallel', launches: [launch] };
});
