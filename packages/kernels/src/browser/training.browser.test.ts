import { fileURLToPath } from 'node:url';
import { createCpuDevice } from '@dla/core';
import { type ModulePage, openModulePage } from '@dla/software-gpu';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PageResult, train } from './training-page.js';

const steps = 20;
let page: ModulePage;

beforeAll(async () => {
  page = await openModulePage(fileURLToPath(new URL('training-page.ts', import.meta.url)));
});

afterAll(() => page?.close());

it('twenty training steps in a page give the same losses on WebGPU as on the CPU', async () => {
  const result = await page.call<PageResult>('runPage', steps);
  expect(result.adapter).toMatch(/swiftshader/i);
  expect(result.webgpu).toHaveLength(steps);
  expect(result.webgpu.at(-1)).toBeLessThan((result.webgpu[0] as number) / 2);
  result.webgpu.forEach((loss, index) => {
    expect(Math.abs(loss - (result.cpu[index] as number)), `step ${index + 1}`).toBeLessThan(1e-4);
  });
  // The CPU gives the same bits in the page and here.
  const here = await createCpuDevice({ reference: true, threads: 1 });
  expect(result.cpu).toEqual(await train(here, steps));
  here.dispose();
});
