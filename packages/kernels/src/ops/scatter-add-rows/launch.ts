import { type ScatterAddRowsAttributes, sizeOf } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { at, itemsGrid, kernel, kernelCode, read, scratchWrite, words, write } from '../launching.js';
import source from './scatter-add-rows.parallel.fwd.wgsl';

const code = kernelCode(source);

/** Updates with an index outside the table are dropped. */
export const scatterAddRowsKernel: GpuKernel = kernel<ScatterAddRowsAttributes>(({ inputs, outputs, attributes: { rows }, capabilities }) => {
  const updates = sizeOf(at(inputs, 0).shape);
  const width = at(outputs, 0).shape[1] as number;
  const bindings = [read(0), read(1), scratchWrite(0), scratchWrite(1), write(0)];
  const launch = (entryPoint: string, items: number) => ({
    label: `scatter-add-rows ${entryPoint}`,
    code,
    entryPoint,
    bindings,
    uniforms: words(updates, rows, width),
    workgroups: itemsGrid(items, capabilities),
  });
  return {
    form: 'parallel',
    scratch: [Math.max(4, rows * 4), Math.max(4, updates * 4)],
    launches: [launch('clear', rows), launch('link', updates), launch('add', rows * width)],
  };
});
