import { createCpuDevice, type Device, tensor } from '@dla/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareForms } from './compare-forms.js';
import { referenceModel } from './testing/reference-run.js';
import { initialiseSpread, randomIds } from './testing/tiny-models.js';

let device: Device;
beforeAll(async () => {
  device = await createCpuDevice();
});
afterAll(() => device.dispose());

it('finds both forms alike, and counts decisions and merges', async () => {
  const result = await compareForms(referenceModel, initialiseSpread(referenceModel, 3), device, randomIds(referenceModel, 60, 3));
  expect(result).toMatchObject({ tokens: 60, differing: 0 });
  expect(result.worstLogit).toBeLessThan(1e-4);
  expect(result.decisions).toBe(2 * 2 * 60 * 3);
  expect(result.merges).toBeGreaterThan(50);
});

it('says NaN where a logit is none', async () => {
  const broken = initialiseSpread(referenceModel, 3);
  const poisoned = { ...broken, finalNorm: tensor(new Float32Array(referenceModel.dModel).fill(Number.NaN)) };
  const { worstLogit } = await compareForms(referenceModel, poisoned, device, randomIds(referenceModel, 4, 3));
  expect(worstLogit).toBeNaN();
});
