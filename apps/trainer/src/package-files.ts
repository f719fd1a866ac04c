import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

// This file lies in `src/` and what is built of it in `dist/`: one folder below the package in either case.

/** The version of this package. */
export const version: string = (createRequire(import.meta.url)('../package.json') as { version: string }).version;

/** Path of a preset in `configs/`, such as `start`. */
export function presetFile(name: string): string {
  return fileURLToPath(new URL(`../configs/${name}.yaml`, import.meta.url));
}
