import { coreOpCases, runOpCase } from '@dla/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWebGpuDevice } from '../device/request.js';
import type { WebGpuDevice } from '../runtime/backend.js';

/**
 * Runs every case of a core op on WebGPU, forward and gradients, against the CPU reference: once with the kernels for
 * software adapters and once with those for GPUs, memory poisoned and guarded.
 */
export function testOp(name: string): void {
  describe(name, () => {
    let software: WebGpuDevice;
    let gpu: WebGpuDevice;
    beforeAll(async () => {
      software = await createWebGpuDevice({ debug: true, software: true });
      gpu = await createWebGpuDevice({ debug: true, software: false });
    });
    afterAll(() => {
      software.dispose();
      gpu.dispose();
    });
    const cases = coreOpCases[name] ?? [];
    it('has cases', () => expect(cases.length).toBeGreaterThan(0));
    for (const opCase of cases) {
      it(opCase.name, async () => {
        await runOpCase(software, opCase);
        await runOpCase(gpu, opCase);
      });
    }
  });
}
