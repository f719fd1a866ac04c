import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from './chromium.js';
import { type StaticServer, serveFolder } from './server.js';

let browser: Browser;
let server: StaticServer;

beforeAll(async () => {
  browser = await launchChromium();
  server = await serveFolder(import.meta.dirname, {
    isolated: true,
    contentSecurityPolicy: "default-src 'self'",
    pages: { '/page.html': '<!doctype html><title>adapter</title><p>Text</p>' },
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

it('a page has a SwiftShader WebGPU adapter and is cross-origin isolated', async () => {
  const page = await browser.newPage();
  await page.goto(`${server.url}/page.html`);
  const found = await page.evaluate(async () => {
    const adapter = await navigator.gpu.requestAdapter();
    return { adapter: adapter && `${adapter.info.vendor} ${adapter.info.architecture}`, isolated: crossOriginIsolated };
  });
  console.log(`Chromium ${browser.version()}: ${found.adapter}`);
  expect(found.adapter).toMatch(/swiftshader/i);
  expect(found.isolated).toBe(true);
});

it('serves files, refuses what lies outside the folder, and sends the policy it was given', async () => {
  const answer = await fetch(`${server.url}/server.ts`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-security-policy')).toBe("default-src 'self'");
  expect((await fetch(`${server.url}/missing.html`)).status).toBe(404);
  expect((await fetch(`${server.url}/..%2Fpackage.json`)).status).toBe(404);
});
