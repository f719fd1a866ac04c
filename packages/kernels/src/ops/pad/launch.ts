import { allocate, DlaError, formatShape, type PadAttributes, sizeOf, stridesOf } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { at, itemsGrid, kernel, kernelCode, mostDimensions, read, wgslType, words, write } from '../launching.js';
import source from './pad.parallel.fwd.wgsl';

const code = kernelCode(source);

export const padKernel: GpuKernel = kernel<PadAttributes>(({ inputs, outputs, attributes: { before, value }, capabilities }) => {
  const x = at(inputs, 0);
  const { shape } = at(outputs, 0);
  wgslType('pad', x.dtype);
  if (shape.length > mostDimensions)
    throw new DlaError('device-limit', 'too many dimensions for the WebGPU kernel', {
      where: 'pad',
      expected: `at most ${mostDimensions}`,
      found: formatShape(shape),
    });
  const one = allocate(x.dtype, 1);
  one[0] = value;
  const bits = new Uint32Array(one.buffer)[0] as number;
  const own = stridesOf(x.shape);
  const dimensions = Array.from({ length: mostDimensions }, (_, axis) => [shape[axis] ?? 1, own[axis] ?? 0, before[axis] ?? 0, x.shape[axis] ?? 1]);
  const count = sizeOf(shape);
  const launch = {
    label: 'pad',
    code,
    entryPoint: 'main',
    bindings: [read(0), write(0)],
    uniforms: words(count, shape.length, bits, 0, ...dimensions.flat()),
    workgroups: itemsGrid(count, capabilities),
  };
  return { form: 'parallel', launches: [launch] };
});
