import { type RmsNormAttributes, sizeOf } from '@dla/core';
import type { GpuKernel } from '../../runtime/kernel.js';
import { at, floats, itemsGrid, kernel, read, scratchRead, scratchWrite, words, write } from '../launching.js';
import { sumPartsLaunch } from '../reduce/launch.js';
import { rowForm, rowParts } from '../rows.js';
import backward from './rms-norm.parallel.bwd.wgsl';
import forward from './rms-norm.parallel.fwd.wgsl';

export const rmsNormKernel: GpuKernel = kernel<RmsNormAttributes>(({ inputs, attributes: { epsilon }, capabilities }) => {
  const width = at(inputs, 1).shape[0] as number;
  const rows = width === 0 ? 0 : sizeOf(at(inputs, 0).shape) / width;
  const { form, code, workgroups } = rowForm(capabilities);
  const launch = {
    label: 'rms-norm',
    code: code(forward),
    entryPoint: 'main',
    bindings: [read(0), read(1), write(0)],
    uniforms: [...words(rows, width), ...floats(epsilon)],
    workgroups: workgroups(rows),
  };
  return { form, launches: [launch] };
});

/** Three passes: dx by rows, dweight by parts of the rows, the sum of the parts. */
export const rmsNormGradKernel: GpuKernel = kernel<RmsNormAttributes>(({ inputs, attributes: { epsilon }, capabilities }) => {
  const width = at(inputs, 1).shape[0] as number;
  const rows = width === 0 ? 0 : sizeOf(at(inputs, 0).shape) / width;
  const { form, code, workgroups } = rowForm(capabilities);
  const { each, parts } = rowParts(rows, width, capabilities);
  const bindings = [read(0), read(1), read(2), write(0), scratchWrite(0), scratchWrite(1)];
  const shared = { code: code(backward), bindings, uniforms: [...words(rows, width), ...floats(epsilon), ...words(parts, each)] };
  return {
    form,
    scratch: [Math.max(4, rows * 4), Math.max(4, parts * width * 4)],
    launches: [
      { ...shared, label: 'rms-norm-grad', entryPoint: 'row', workgroups: workgroups(rows) },
      { ...shared, label: 'rms-norm-grad weight', entryPoint: 'column', workgroups: itemsGrid(parts * width, capabilities) },
      sumPartsLaunch(scratchRead(1), write(1), width, parts, capabilities),
    ],
  };
});
