import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { wgslText } from '../../tools/vitest/wgsl-text.js';

/** What the built page may do: run its own files, compile WebAssembly, read from its own folder, and nothing else. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types dla-worker',
].join('; ');

/** Put the policy into the built page; the development server injects styles and a socket, which it would refuse. */
function policyInPage(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy }, injectTo: 'head-prepend' },
    ],
  };
}

const sources = fileURLToPath(new URL('../../packages/$1/src/index.ts', import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [
    // `tree`: components are made by createElement and text nodes, never by innerHTML, so the page runs under Trusted Types.
    svelte({ configFile: false, compilerOptions: { fragments: 'tree', runes: true } }),
    wgslText(),
    policyInPage(),
  ],
  resolve: { alias: [{ find: /^@dla\/(core|kernels|memory|models)$/, replacement: sources }] },
  worker: { format: 'es', plugins: () => [wgslText()] },
  build: { target: 'es2022', modulePreload: false, assetsInlineLimit: 0 },
});
