import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { wgslText } from './tools/vitest/wgsl-text.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const excluded = ['**/node_modules/**', '**/dist/**', '**/generated/**'];

export default defineConfig({
  plugins: [wgslText()],
  resolve: {
    alias: [
      { find: /^@dla\/core\/testing$/, replacement: path('packages/core/src/testing/index.ts') },
      { find: /^@dla\/(core|kernels|memory|models|eval)$/, replacement: path('packages/$1/src/index.ts') },
      { find: /^@dla\/software-gpu$/, replacement: path('tools/software-gpu/src/index.ts') },
    ],
  },
  test: {
    pool: 'forks',
    globalSetup: [path('tools/vitest/build-wasm.ts')],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.test.ts', 'scripts/*.test.mjs'],
          exclude: [...excluded, '**/*.gpu.test.ts', '**/*.browser.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'gpu',
          include: ['**/*.gpu.test.ts'],
          exclude: excluded,
          setupFiles: [path('tools/vitest/software-adapter.ts')],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'browser', include: ['**/*.browser.test.ts'], exclude: excluded, testTimeout: 120_000, hookTimeout: 120_000 },
      },
    ],
  },
});
