import { type CastAttributes, dtypes, sizeOf } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { at, itemsGrid, kernel, kernelCode, read, words, write } from '../launching.js';
import source from './cast.parallel.fwd.wgsl';

const code = kernelCode(source);

export const castKernel: GpuKernel = kernel<CastAttributes>(({ inputs, attributes: { dtype }, capabilities }) => {
  const x = at(inputs, 0);
  const elements = sizeOf(x.shape);
  const count = dtype === 'f16' ? Math.ceil(elements / 2) : elements;
  const launch = {
    label: `cast ${x.dtype} to ${dtype}`,
    code,
    entryPoint: 'main',
    constants: { from_type: dtypes.indexOf(x.dtype), to_type: dtypes.indexOf(dtype) },
    bindings: [read(0), write(0)],
    uniforms: words(count, elements),
    workgroups: itemsGrid(count, capabilities),
  };
  return { form: 'parallel', launches: [launch] };
});
