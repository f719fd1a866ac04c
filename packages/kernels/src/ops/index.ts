import { type AnyOp, DlaError } from '@dla/core';
import type { GpuKernel } from '../runtime/kernel.js';
import { adamwKernel } from './adamw/launch.js';
import { argmaxKernel } from './argmax/launch.js';
import { binaryKernel } from './binary/launch.js';
import { broadcastToKernel } from './broadcast-to/launch.js';
import { castKernel } from './cast/launch.js';
import { causalConv1dGradKernel, causalConv1dKernel } from './causal-conv1d/launch.js';
import { compareKernel } from './compare/launch.js';
import { concatKernel } from './concat/launch.js';
import { copyKernel } from './copy/launch.js';
import { crossEntropyGradKernel, crossEntropyKernel } from './cross-entropy/launch.js';
import { cumsumKernel } from './cumsum/launch.js';
import { fillKernel } from './fill/launch.js';
import { gatedRmsNormGradKernel, gatedRmsNormKernel } from './gated-rms-norm/launch.js';
import { gatherKernel } from './gather/launch.js';
import { iotaKernel } from './iota/launch.js';
import { matmulKernel } from './matmul/launch.js';
import { padKernel } from './pad/launch.js';
import { randomBitsKernel } from './random-bits/launch.js';
import { reduceKernel } from './reduce/launch.js';
import { rmsNormGradKernel, rmsNormKernel } from './rms-norm/launch.js';
import { scatterAddRowsKernel } from './scatter-add-rows/launch.js';
import { sliceKernel } from './slice/launch.js';
import { softmaxKernel } from './softmax/launch.js';
import { transposeKernel } from './transpose/launch.js';
import { unaryKernel } from './unary/launch.js';
import { whereKernel } from './where/launch.js';

/** WebGPU kernels of core's ops by name. Views (`reshape`) need none. */
export const coreKernels: ReadonlyMap<string, GpuKernel> = new Map([
  ['adamw', adamwKernel],
  ['argmax', argmaxKernel],
  ['binary', binaryKernel],
  ['broadcast-to', broadcastToKernel],
  ['cast', castKernel],
  ['causal-conv1d', causalConv1dKernel],
  ['causal-conv1d-grad', causalConv1dGradKernel],
  ['compare', compareKernel],
  ['concat', concatKernel],
  ['copy', copyKernel],
  ['cross-entropy', crossEntropyKernel],
  ['cross-entropy-grad', crossEntropyGradKernel],
  ['cumsum', cumsumKernel],
  ['fill', fillKernel],
  ['gated-rms-norm', gatedRmsNormKernel],
  ['gated-rms-norm-grad', gatedRmsNormGradKernel],
  ['gather', gatherKernel],
  ['iota', iotaKernel],
  ['matmul', matmulKernel],
  ['pad', padKernel],
  ['random-bits', randomBitsKernel],
  ['reduce', reduceKernel],
  ['rms-norm', rmsNormKernel],
  ['rms-norm-grad', rmsNormGradKernel],
  ['scatter-add-rows', scatterAddRowsKernel],
  ['slice', sliceKernel],
  ['softmax', softmaxKernel],
  ['transpose', transposeKernel],
  ['unary', unaryKernel],
  ['where', whereKernel],
]);

/**
 * The kernel of an op: the one it carries in `forms.webgpu`, else core's.
 *
 * @throws DlaError `device-feature` where there is none: ops never fall back to the CPU in silence.
 */
export function kernelOf(op: AnyOp): GpuKernel {
  const own = op.forms?.webgpu as GpuKernel | undefined;
  const found = own ?? coreKernels.get(op.name);
  if (found === undefined)
    throw new DlaError('device-feature', 'no WebGPU kernel for this op: give it one in forms.webgpu (see webgpuForm), or compile for the CPU', {
      where: op.name,
    });
  return found;
}
