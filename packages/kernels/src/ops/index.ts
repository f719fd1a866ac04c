import { type AnyOp, DlaError } from '@dla/core';
import type { GpuKernel } from '../runtime/kernel.js';
import { binaryKernel } from './binary/launch.js';
import { broadcastToKernel } from './broadcast-to/launch.js';
import { castKernel } from './cast/launch.js';
import { compareKernel } from './compare/launch.js';
import { concatKernel } from './concat/launch.js';
import { copyKernel } from './copy/launch.js';
import { fillKernel } from './fill/launch.js';
import { iotaKernel } from './iota/launch.js';
import { padKernel } from './pad/launch.js';
import { sliceKernel } from './slice/launch.js';
import { transposeKernel } from './transpose/launch.js';
import { unaryKernel } from './unary/launch.js';
import { whereKernel } from './where/launch.js';

/** WebGPU kernels of core's ops by name. Views (`reshape`) need none. */
export const coreKernels: ReadonlyMap<string, GpuKernel> = new Map([
  ['binary', binaryKernel],
  ['broadcast-to', broadcastToKernel],
  ['cast', castKernel],
  ['compare', compareKernel],
  ['concat', concatKernel],
  ['copy', copyKernel],
  ['fill', fillKernel],
  ['iota', iotaKernel],
  ['pad', padKernel],
  ['slice', sliceKernel],
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
    throw new DlaError('device-feature', 'no WebGPU kernel for this op: give it one in forms.webgpu (see webgpuForm), or compile for the CPU', { where: op.name });
  return found;
}
