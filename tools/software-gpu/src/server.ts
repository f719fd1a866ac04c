import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** How `serveFolder` answers. */
export interface ServeOptions {
  /** Send COOP and COEP, so that pages are cross-origin isolated (`SharedArrayBuffer`). Default: false. */
  readonly isolated?: boolean;
  /** Content-Security-Policy of every answer. Default: none. */
  readonly contentSecurityPolicy?: string;
  /** Answers that come before the folder's files, by path: `{ '/page.html': '<!doctype html>' }`. */
  readonly pages?: Readonly<Record<string, string>>;
}

/** A running server: `url` has no trailing slash. */
export interface StaticServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a folder's files on a free port of the loopback interface; `/` is `index.html`, anything missing is 404. */
export async function serveFolder(folder: string, options: ServeOptions = {}): Promise<StaticServer> {
  const headers: Record<string, string> = { 'Cache-Control': 'no-store' };
  if (options.isolated) {
    headers['Cross-Origin-Opener-Policy'] = 'same-origin';
    headers['Cross-Origin-Embedder-Policy'] = 'require-corp';
  }
  if (options.contentSecurityPolicy) headers['Content-Security-Policy'] = options.contentSecurityPolicy;
  const server = createServer(async (request, response) => {
    const pathname = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    try {
      const body = options.pages?.[path] ?? (await readFile(join(folder, normalize(path))));
      response.writeHead(200, { ...headers, 'Content-Type': types[extname(path)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404, headers).end('not found');
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((done, fail) => {
        server.close((error) => (error ? fail(error) : done()));
        server.closeAllConnections();
      }),
  };
}
