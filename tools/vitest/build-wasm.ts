import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../packages/core/scripts/build-wasm.mjs', import.meta.url));

/** Vitest global set-up: builds the AssemblyScript kernels if their output is stale (the script itself decides). */
export default function setup(): void {
  execFileSync(process.execPath, [script], { stdio: ['ignore', 'ignore', 'inherit'] });
}
