import type { GpuKernel } from '../../runtime/kernel.js';
import { at, itemsGrid, kernel, kernelCode, read, scratchRead, scratchWrite, words, write } from '../launching.js';
import { sumPartsLaunch } from '../reduce/launch.js';
import { rowParts } from '../rows.js';
import backward from './causal-conv1d.parallel.bwd.wgsl';
import forward from './causal-conv1d.parallel.fwd.wgsl';

const forwardCode = kernelCode(forward);
const backwardCode = kernelCode(backward);

export const causalConv1dKernel: GpuKernel = kernel(({ inputs, capabilities }) => {
  const [batch, time, channels] = at(inputs, 0).shape as readonly [number, number, number];
  const width = at(inputs, 1).shape[1] as number;
  const shared = {
    code: forwardCode,
    bindings: [read(0), read(1), read(2), read(3), write(0), write(1)],
    uniforms: words(batch, time, channels, width),
  };
  return {
    form: 'parallel',
    launches: [
      { ...shared, label: 'causal-conv1d', entryPoint: 'main', workgroups: itemsGrid(batch * time * channels, capabilities) },
      { ...shared, label: 'causal-conv1d state', entryPoint: 'next', workgroups: itemsGrid(batch * (width - 1) * channels, capabilities) },
    ],
  };
});

export const causalConv1dGradKernel: GpuKernel = kernel(({ inputs, capabilities }) => {
  const [batch, time, channels] = at(inputs, 0).shape as readonly [number, number, number];
  const width = at(inputs, 1).shape[1] as number;
  const { each, parts } = rowParts(batch * time, channels * (width + 1), capabilities);
  const shared = {
    code: backwardCode,
    bindings: [read(0), read(1), read(2), read(3), write(0), write(3), scratchWrite(0), scratchWrite(1)],
    uniforms: words(batch, time, channels, width, parts, each),
  };
  return {
    form: 'parallel',
    scratch: [Math.max(4, parts * channels * width * 4), Math.max(4, parts * channels * 4)],
    launches: [
      { ...shared, label: 'causal-conv1d-grad', entryPoint: 'inputs', workgroups: itemsGrid(batch * (time + width - 1) * channels, capabilities) },
      { ...shared, label: 'causal-conv1d-grad weight', entryPoint: 'weights', workgroups: itemsGrid(parts * (width + 1) * channels, capabilities) },
      sumPartsLaunch(scratchRead(0), write(1), channels * width, parts, capabilities),
      sumPartsLaunch(scratchRead(1), write(2), channels, parts, capabilities),
    ],
  };
});
