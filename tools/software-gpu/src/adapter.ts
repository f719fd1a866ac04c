import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';
import { swiftshaderFolder } from './unpack.js';

/** Which WebGPU adapter the tests run on: `native` is whatever the machine has. */
export type TestAdapter = 'swiftshader' | 'lavapipe' | 'native';

const adapters: readonly TestAdapter[] = ['swiftshader', 'lavapipe', 'native'];
const driverFolder = '/usr/share/vulkan/icd.d';

/**
 * The adapter that `DLA_TEST_ADAPTER` asks for. Default: `swiftshader` on 64-bit x86 Linux, so that results are the same
 * everywhere, and `native` on other systems, for which no software adapter is shipped. Throws on any other value.
 */
export function testAdapter(): TestAdapter {
  const wanted = process.env.DLA_TEST_ADAPTER ?? (process.platform === 'linux' && process.arch === 'x64' ? 'swiftshader' : 'native');
  const found = adapters.find((adapter) => adapter === wanted);
  if (!found) throw new Error(`DLA_TEST_ADAPTER: expected ${adapters.join(', ')}, found '${wanted}'`);
  return found;
}

function lavapipeDriver(): string {
  const name = existsSync(driverFolder) ? readdirSync(driverFolder).find((file) => /^lvp_icd.*\.json$/.test(file)) : undefined;
  if (!name) throw new Error(`lavapipe: expected lvp_icd*.json in ${driverFolder}, found none; install Mesa 25's Vulkan drivers`);
  return join(driverFolder, name);
}

/**
 * Makes Dawn (the npm package `webgpu`) find the test adapter in this process. Call it before `webgpu` is first imported:
 * it loads the Vulkan loader that ships with the software driver and points it at that one driver. Returns the adapter chosen.
 */
export async function prepareSoftwareAdapter(): Promise<TestAdapter> {
  const adapter = testAdapter();
  if (adapter === 'native') return adapter;
  const folder = await swiftshaderFolder();
  const driver = adapter === 'lavapipe' ? lavapipeDriver() : join(folder, 'vk_swiftshader_icd.json');
  process.env.VK_ICD_FILENAMES = driver;
  process.env.VK_DRIVER_FILES = driver;
  koffi.load(join(folder, 'libvulkan.so.1'));
  return adapter;
}

const expectedName: Readonly<Record<Exclude<TestAdapter, 'native'>, RegExp>> = { swiftshader: /swiftshader/i, lavapipe: /llvmpipe.*mesa 2[5-9]/i };

/**
 * Prepares the test adapter, asks Dawn for it and returns its name. Throws if there is none or if it is not the one asked for:
 * a missing adapter is a failure, never a skip.
 */
export async function requireTestAdapter(): Promise<string> {
  const wanted = await prepareSoftwareAdapter();
  const { create } = await import('webgpu');
  const gpu = create([]);
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error(`test adapter: expected a WebGPU adapter (${wanted}), found none`);
  const { vendor, architecture, device, description } = adapter.info;
  const name = [vendor, architecture, device, description].filter((part) => part !== '').join(' / ');
  if (wanted !== 'native' && !expectedName[wanted].test(name)) throw new Error(`test adapter: expected ${wanted}, found '${name}'`);
  return name;
}
