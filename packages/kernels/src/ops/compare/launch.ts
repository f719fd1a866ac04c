import { broadcastStrides, type CompareAttributes, compareKinds, sizeOf } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import strided from '../../wgsl/strided.wgsl';
import { at, itemsGrid, kernel, kernelCode, read, stridedUniforms, wgslType, write } from '../launching.js';
import source from './compare.parallel.fwd.wgsl';

export const compareKernel: GpuKernel = kernel<CompareAttributes>(({ inputs, outputs, attributes: { kind }, capabilities }) => {
  const { shape } = at(outputs, 0);
  const strides = inputs.map((input) => broadcastStrides(input.shape, shape));
  const launch = {
    label: kind,
    code: kernelCode(strided + source, { Element: wgslType('compare', at(inputs, 0).dtype) }),
    entryPoint: 'main',
    constants: { kind: compareKinds.indexOf(kind) },
    bindings: [read(0), read(1), write(0)],
    uniforms: stridedUniforms('compare', shape, strides),
    workgroups: itemsGrid(sizeOf(shape), capabilities),
  };
  return { form: 'parallel', launches: [launch] };
});
