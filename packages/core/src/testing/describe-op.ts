import { describe, it } from 'vitest';
import { createCpuDevice } from '../backend/cpu/cpu-device.js';
import { checkOpCaseGradient, type OpCase, runOpCase } from './op-case.js';

const device = createCpuDevice({ threads: 1 });

/** The tests every op has: the CPU device against the reference, the reference's gradient against differences. Not part of the published kit. */
export function describeOp(name: string, cases: readonly OpCase[]): void {
  describe(`${name} on the CPU equals its reference`, () => {
    it.each(cases)('$name', async (opCase) => {
      await runOpCase(await device, opCase);
    });
  });
  const smooth = cases.filter(({ gradient, differences }) => gradient !== null && differences !== false);
  if (smooth.length > 0)
    describe(`${name}'s gradient equals differences`, () => {
      it.each(smooth)('$name', async (opCase) => {
        await checkOpCaseGradient(opCase);
      });
    });
}
