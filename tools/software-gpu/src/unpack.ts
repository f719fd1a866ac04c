import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

const decompress = promisify(brotliDecompress);
const require = createRequire(import.meta.url);
const cacheRoot = fileURLToPath(new URL('../../../node_modules/.cache/software-gpu/', import.meta.url));

/** One member of a `.tar` archive. */
export interface ArchiveFile {
  readonly path: string;
  readonly mode: number;
  readonly data: Uint8Array;
}

/** Regular files of a plain ustar archive, in order; folders are skipped. Throws on a truncated archive or a path that leaves the folder. */
export function readTar(archive: Uint8Array): ArchiveFile[] {
  const files: ArchiveFile[] = [];
  const text = (start: number, length: number): string => {
    const field = archive.subarray(start, start + length);
    const end = field.indexOf(0);
    return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
  };
  for (let offset = 0; offset + 512 <= archive.length && archive[offset] !== 0; ) {
    const path = text(offset, 100);
    const size = Number.parseInt(text(offset + 124, 12), 8);
    const end = offset + 512 + size;
    if (!(size >= 0) || end > archive.length) throw new Error(`tar: '${path}' is truncated: expected ${size} bytes`);
    if (path.startsWith('/') || path.split('/').includes('..')) throw new Error(`tar: '${path}' lies outside the archive`);
    const kind = archive[offset + 156];
    if (kind === 0 || kind === 0x30) files.push({ path, mode: Number.parseInt(text(offset + 100, 8), 8), data: archive.subarray(offset + 512, end) });
    offset = offset + 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

/** Folder of the compressed archives inside the npm package `@sparticuz/chromium`. */
function archiveFolder(): string {
  return resolve(dirname(require.resolve('@sparticuz/chromium')), '../../bin');
}

/**
 * A folder under `node_modules/.cache` filled once by `fill`. It is filled under a temporary name and renamed, so that several
 * processes may ask for it at the same time and an interrupted one leaves nothing half-made behind.
 */
async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const target = join(cacheRoot, name);
  if (existsSync(target)) return target;
  const temporary = `${target}.${randomUUID()}`;
  await mkdir(temporary, { recursive: true });
  try {
    await fill(temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

async function unpack(archive: string, folder: string): Promise<void> {
  const tar = await decompress(await readFile(join(archiveFolder(), archive)));
  for (const file of readTar(tar)) {
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.data, { mode: file.mode });
  }
}

function version(): string {
  return (require(join(archiveFolder(), '../package.json')) as { version: string }).version;
}

/** Folder with `libvulkan.so.1`, `libvk_swiftshader.so` and `vk_swiftshader_icd.json`, unpacked on first use (15 MB). */
export function swiftshaderFolder(): Promise<string> {
  return cached(`swiftshader-${version()}`, (folder) => unpack('swiftshader.tar.br', folder));
}

/** Folder with the headless Chromium binary `chromium`, the libraries it needs in `lib/` and fonts, unpacked on first use (215 MB). */
export function chromiumFolder(): Promise<string> {
  return cached(`chromium-${version()}`, async (folder) => {
    const final = join(cacheRoot, `chromium-${version()}`);
    for (const archive of ['swiftshader.tar.br', 'al2023.tar.br', 'fonts.tar.br']) await unpack(archive, folder);
    await writeFile(join(folder, 'chromium'), await decompress(await readFile(join(archiveFolder(), 'chromium.br'))), { mode: 0o755 });
    const fonts = `<dir>${join(final, 'fonts')}</dir><cachedir>${join(final, 'font-cache')}</cachedir>`;
    await writeFile(join(folder, 'fonts.conf'), `<?xml version="1.0"?><fontconfig>${fonts}</fontconfig>\n`);
  });
}
