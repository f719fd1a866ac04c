import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCpuDevice } from '@dla/core';
import { launchChromium, type StaticServer, serveFolder } from '@dla/software-gpu';
import { build, type Plugin } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PageResult, train } from './training-page.js';

const steps = 20;
const wgslText: Plugin = {
  name: 'wgsl-text',
  enforce: 'pre',
  transform: (source, id) => (id.endsWith('.wgsl') ? `export default ${JSON.stringify(source)};` : null),
};
let folder: string;
let server: StaticServer;
let browser: Awaited<ReturnType<typeof launchChromium>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dla-kernels-page-'));
  const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
  await build({
    configFile: false,
    logLevel: 'error',
    plugins: [wgslText],
    resolve: { alias: [{ find: '@dla/core', replacement: path('../../../core/src/index.ts') }] },
    build: { outDir: folder, emptyOutDir: true, target: 'es2022', lib: { entry: path('training-page.ts'), formats: ['es'], fileName: 'page' } },
  });
  const html = '<!doctype html><script type="module">import { runPage } from "./page.js"; globalThis.runPage = runPage;</script>';
  server = await serveFolder(folder, { pages: { '/': html, '/index.html': html } });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

it('twenty training steps in a page give the same losses on WebGPU as on the CPU', async () => {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(`${server.url}/`);
  await page.waitForFunction(() => 'runPage' in globalThis);
  const result: PageResult = await page.evaluate(
    (count) => (globalThis as unknown as { runPage: (count: number) => Promise<PageResult> }).runPage(count),
    steps,
  );
  expect(errors).toEqual([]);
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
