import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { chromiumFolder } from './unpack.js';

const flags: readonly string[] = [
  '--headless',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Headless Chromium with a SwiftShader WebGPU adapter, from npm packages alone; 64-bit x86 Linux only. Close it when done. */
export async function launchChromium(extraFlags: readonly string[] = []): Promise<Browser> {
  const folder = await chromiumFolder();
  const libraries = [join(folder, 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: [...flags, ...extraFlags],
    env: { ...process.env, LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: join(folder, 'fonts.conf') },
  });
}
