import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const noted = fileURLToPath(new URL('../../../../node_modules/.cache/dla/built', import.meta.url));
const sources = fileURLToPath(new URL('..', import.meta.url));

/** @throws Error that says what to do where the built command is missing or older than its sources. */
export function checkBuilt(): void {
  if (!existsSync(entry)) throw new Error('apps/trainer/dist/main.js is missing: run `npm run build`, or `npm test`, which does');
  // A build that finds its outputs in turbo's cache leaves their times alone; the root's scripts note when it was.
  const built = Math.max(statSync(entry).mtimeMs, existsSync(noted) ? Number(readFileSync(noted, 'utf8')) : 0);
  for (const file of readdirSync(sources, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    const shipped = file.name.endsWith('.ts') && !file.name.endsWith('.test.ts') && !path.startsWith(join(sources, 'testing'));
    if (shipped && statSync(path).mtimeMs > built)
      throw new Error(`apps/trainer/dist is older than ${path.slice(sources.length)}: run \`npm run build\`, or \`npm test\`, which does`);
  }
}

/** What the disk of a process does to checkpoints: milliseconds before each 16 KiB, bytes until it is full. */
export interface Disk {
  readonly delay?: number;
  readonly bytes?: number;
}

/** Loaded before the command: every write through a FileHandle, as checkpoints are written, is cut short, delayed or refused. */
const preload = (disk: Disk): string => `import { open } from 'node:fs/promises';
const handle = await open(process.execPath, 'r');
const prototype = Object.getPrototypeOf(handle);
await handle.close();
const write = prototype.write;
let left = ${disk.bytes ?? Number.MAX_SAFE_INTEGER};
prototype.write = async function (bytes) {
  await new Promise((done) => setTimeout(done, ${disk.delay ?? 0}));
  const part = bytes.subarray(0, Math.min(16384, left));
  if (part.length === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  left -= part.length;
  return write.call(this, part);
};
`;

export interface Ended {
  /** Null after a signal that was not caught. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What stderr holds so far. */
  readonly errors: () => string;
  readonly running: () => boolean;
}

/** Start the built command in a process of its own. */
export function start(folder: string, argv: readonly string[], disk?: Disk): Running {
  const file = join(folder, `disk-${disk?.delay ?? 0}-${disk?.bytes ?? 0}.mjs`);
  if (disk !== undefined) writeFileSync(file, preload(disk));
  const child = spawn(process.execPath, [...(disk === undefined ? [] : ['--import', file]), entry, ...argv], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  let running = true;
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (err += String(chunk)));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => {
      running = false;
      resolve({ code, out, err });
    });
  });
  return { child, ended, errors: () => err, running: () => running };
}

/** Wait until `holds`, looking each millisecond; false if `while` ended first. */
export async function until(holds: () => boolean, goOn: () => boolean): Promise<boolean> {
  while (!holds()) {
    if (!goOn()) return false;
    await new Promise((done) => setTimeout(done, 1));
  }
  return true;
}
