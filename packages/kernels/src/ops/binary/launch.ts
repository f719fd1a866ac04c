import { type BinaryAttributes, binaryKinds, broadcastStrides, sizeOf } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import strided from '../../wgsl/strided.wgsl';
import { at, itemsGrid, kernel, kernelCode, read, stridedUniforms, wgslType, write } from '../launching.js';
import source from './binary.parallel.fwd.wgsl';

export const binaryKernel: GpuKernel = kernel<BinaryAttributes>(({ inputs, outputs, attributes: { kind }, capabilities }) => {
  const { shape, dtype } = at(outputs, 0);
  const strides = inputs.map((input) => broadcastStrides(input.shape, shape));
  const launch = {
    label: kind,
    code: kernelCode(strided + source, { Element: wgslType('binary', dtype) }),
    entryPoint: 'main',
    constants: { kind: binaryKinds.indexOf(kind) },
    bindings: [read(0), read(1), write(0)],
    uniforms: stridedUniforms('binary', shape, strides),
    workgroups: itemsGrid(sizeOf(shape), capabilities),
  };
  return { form: 'parallel', launches: [launch] };
});
