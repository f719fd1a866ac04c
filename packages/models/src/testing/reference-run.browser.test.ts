import { fileURLToPath } from 'node:url';
import { createCpuDevice } from '@dla/core';
import { type ModulePage, openModulePage } from '@dla/software-gpu';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PageRuns } from './reference-page.js';
import { compareRuns, runReference } from './reference-run.js';

const steps = 50;
const cpuSteps = 10;
let page: ModulePage;

beforeAll(async () => {
  page = await openModulePage(fileURLToPath(new URL('reference-page.ts', import.meta.url)));
});

afterAll(() => page?.close());

it(`${steps} training steps in headless Chromium on WebGPU give the losses of the CPU in Node`, async () => {
  const device = await createCpuDevice({ threads: 1 });
  const expected = await runReference(device, steps);
  device.dispose();
  const found = await page.call<PageRuns>('runPage', steps, cpuSteps);
  expect(found.adapter).toMatch(/swiftshader/i);
  const { worstLoss, decisions, differing, firstGap, firstBound } = compareRuns(expected, found.webgpu);
  expect(worstLoss).toBeLessThan(1e-3);
  expect(firstGap).toBeLessThanOrEqual(firstBound);
  // The CPU gives the same bits in the page and here.
  expect(found.cpu).toEqual(expected.slice(0, cpuSteps));
  console.log(
    `Chromium, ${found.adapter}: ${steps} steps, worst loss difference to the CPU in Node ${worstLoss.toExponential(1)}, ` +
      `${differing} of ${decisions} decisions differ (first gap ${firstGap}, bound ${firstBound}); its CPU device gives the same bits`,
  );
});
