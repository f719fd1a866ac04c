import { type Shape, sizeOf, type TensorSpec } from '@dla/core';
import type { GpuCapabilities, KernelPlan } from '../runtime/kernel.js';
import strided from '../wgsl/strided.wgsl';
import source from '../wgsl/strided-copy.wgsl';
import { itemsGrid, kernelCode, read, stridedUniforms, wgslType, write } from './launching.js';

const code = kernelCode(strided + source);

/** y[i] = x[offset + sum of coordinate * stride]: what transpose, broadcast-to and slice are. */
export function stridedCopy(
  op: string,
  x: TensorSpec,
  shape: Shape,
  strides: readonly number[],
  offset: number,
  capabilities: GpuCapabilities,
): KernelPlan {
  wgslType(op, x.dtype);
  const uniforms = stridedUniforms(op, shape, [strides], [offset, 0]);
  const workgroups = itemsGrid(sizeOf(shape), capabilities);
  return { form: 'parallel', launches: [{ label: op, code, entryPoint: 'main', bindings: [read(0), write(0)], uniforms, workgroups }] };
}
