import type { Plugin } from 'vitest/config';

/** Vite plugin: a `.wgsl` import is the file's text, as in the tsup builds. */
export function wgslText(): Plugin {
  return {
    name: 'wgsl-text',
    enforce: 'pre',
    transform(source, id): string | null {
      return id.endsWith('.wgsl') ? `export default ${JSON.stringify(source)};` : null;
    },
  };
}
