import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';
import { launchChromium } from './chromium.js';
import { serveFolder } from './server.js';

/** A page of headless Chromium that has loaded one module. */
export interface ModulePage {
  /** Calls an export of the module in the page; arguments and result travel as JSON. Errors that nobody caught there end it too. */
  call<Result>(name: string, ...parameters: readonly unknown[]): Promise<Result>;
  close(): Promise<void>;
}

const packageSource = (name: string): string => fileURLToPath(new URL(`../../../packages/${name}`, import.meta.url));
const wgslText: Plugin = {
  name: 'wgsl-text',
  enforce: 'pre',
  transform: (source, id) => (id.endsWith('.wgsl') ? `export default ${JSON.stringify(source)};` : null),
};

/** Bundles a module with the packages' sources, and opens it in headless Chromium with a SwiftShader adapter. Close it when done. */
export async function openModulePage(entry: string): Promise<ModulePage> {
  const folder = await mkdtemp(join(tmpdir(), 'dla-module-page-'));
  const closers: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    await build({
      configFile: false,
      logLevel: 'error',
      plugins: [wgslText],
      resolve: {
        alias: [
          { find: /^@dla\/core\/testing$/, replacement: packageSource('core/src/testing/index.ts') },
          { find: /^@dla\/(core|kernels|memory|models|eval)$/, replacement: packageSource('$1/src/index.ts') },
        ],
      },
      build: { outDir: folder, emptyOutDir: true, target: 'es2022', lib: { entry, formats: ['es'], fileName: 'page' } },
    });
    const html = '<!doctype html><script type="module">import * as loaded from "./page.js"; globalThis.loaded = loaded;</script>';
    const server = await serveFolder(folder, { pages: { '/index.html': html } });
    closers.push(() => server.close());
    const browser = await launchChromium();
    closers.push(() => browser.close());
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${server.url}/`);
    await page.waitForFunction(() => 'loaded' in globalThis);
    return {
      close,
      call: async <Result>(name: string, ...parameters: readonly unknown[]): Promise<Result> => {
        const result = await page.evaluate(
          ([wanted, values]) =>
            (globalThis as unknown as { loaded: Record<string, (...values: readonly unknown[]) => unknown> }).loaded[wanted]?.(...values),
          [name, parameters] as const,
        );
        if (errors.length > 0) throw new Error(`page: ${errors.join('; ')}`);
        return result as Result;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
