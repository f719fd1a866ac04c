import { join } from 'node:path';
import { DlaError } from '@dla/core';
import { type CheckpointFileSystem, diskFileSystem } from './file-system.js';
import { manifestOf, manifestText, parseManifest, sha256 } from './manifest.js';

/** Bytes handed to one write. */
const chunkBytes = 4 << 20;
const folderPattern = /^step-(\d{8,15})$/;
/** Folders of saves and deletions under way; other names in the folder are the user's own. */
const strayPattern = /^tmp-(old-)?\d+-\d+$/;
const diskFullCodes = ['ENOSPC', 'EDQUOT', 'EFBIG'];

export interface StoreOptions {
  /** Checkpoints kept, the newest; at least 1. Default 2. */
  readonly keep?: number;
  readonly fileSystem?: CheckpointFileSystem;
  /** Told in one line what the user should know, such as a damaged checkpoint. Default: nothing. */
  readonly notice?: (line: string) => void;
}

export interface StoredCheckpoint {
  readonly step: number;
  readonly path: string;
  /** File name -> verified bytes; the manifest is not among them. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface CheckpointStore {
  /** Write all files as they are at the call; resolves when they would survive a power cut. Returns the checkpoint's folder. */
  save(step: number, files: ReadonlyMap<string, Uint8Array>): Promise<string>;
  /** The newest intact checkpoint; undefined if the folder has none at all. */
  newest(): Promise<StoredCheckpoint | undefined>;
  /** Delete what interrupted saves left. To be called while holding the run folder's lock. Returns the names. */
  removeStrays(): Promise<string[]>;
}

/** `step-00000123` */
export function checkpointName(step: number): string {
  return `step-${String(step).padStart(8, '0')}`;
}

/**
 * Checkpoints as folders `step-00000123` inside `folder`. A checkpoint is entirely there or not there: files are written
 * and synced in a temporary folder, the manifest (lengths and sha256) last, then one rename; the newest intact one counts.
 *
 * Errors of `save`: DlaError `disk-full` (no space, quota, file size limit; names path, bytes needed and free) and `io`;
 * the checkpoints from before stay. Errors of `newest`: `format` if there are checkpoints but none is intact.
 */
export function createCheckpointStore(folder: string, options: StoreOptions = {}): CheckpointStore {
  const { keep = 2, fileSystem: disk = diskFileSystem, notice = () => {} } = options;

  const steps = async (): Promise<number[]> =>
    (await disk.list(folder))
      .filter((name) => folderPattern.test(name))
      .map((name) => Number(name.slice(5)))
      .sort((a, b) => b - a);

  const writeFile = async (path: string, bytes: Uint8Array): Promise<void> => {
    const file = await disk.create(path);
    try {
      for (let offset = 0; offset < bytes.length; ) {
        const written = await file.write(bytes.subarray(offset, offset + chunkBytes));
        if (written <= 0) throw Object.assign(new Error('nothing was written'), { code: 'EIO' });
        offset += written;
      }
      await file.sync();
    } finally {
      await file.close();
    }
  };

  const prune = async (newestStep: number): Promise<void> => {
    // Newer folders than the one just written are damaged ones that a resumed run has passed by: they are left for a look.
    const old = (await steps()).filter((step) => step <= newestStep).slice(Math.max(1, keep));
    for (const step of old) {
      // Renamed first: a half-deleted folder must not look like a checkpoint.
      const doomed = join(folder, `tmp-old-${process.pid}-${step}`);
      await disk.rename(join(folder, checkpointName(step)), doomed);
      await disk.removeFolder(doomed);
    }
  };

  const save = async (step: number, given: ReadonlyMap<string, Uint8Array>): Promise<string> => {
    // Copied before the first await: the caller may change its arrays right after the call.
    const files = new Map([...given].map(([name, bytes]) => [name, bytes.slice()]));
    const manifest = new TextEncoder().encode(manifestText(manifestOf(step, files)));
    const target = join(folder, checkpointName(step));
    const temporary = join(folder, `tmp-${process.pid}-${step}`);
    const needed = [...files.values()].reduce((sum, bytes) => sum + bytes.length, manifest.length);
    try {
      await disk.makeFolder(folder);
      if ((await steps()).includes(step)) {
        const found = await verify(disk, folder, step);
        if (typeof found !== 'string') {
          if ([...files].every(([name, bytes]) => sha256(found.get(name) ?? '') === sha256(bytes))) return target;
          throw new DlaError('io', 'another checkpoint of this step is there already', {
            where: target,
            expected: 'an empty run folder or a resumed run',
          });
        }
        await disk.removeFolder(target);
      }
      await disk.removeFolder(temporary);
      await disk.makeFolder(temporary);
      for (const [name, bytes] of files) await writeFile(join(temporary, name), bytes);
      await writeFile(join(temporary, 'manifest.json'), manifest);
      await disk.syncFolder(temporary);
      await disk.rename(temporary, target);
      await disk.syncFolder(folder);
    } catch (cause) {
      await disk.removeFolder(temporary).catch(() => {});
      throw await saveError(disk, folder, target, needed, cause);
    }
    try {
      await prune(step);
    } catch (error) {
      notice(`${folder}: an old checkpoint could not be deleted (${codeOf(error)})`);
    }
    return target;
  };

  const newest = async (): Promise<StoredCheckpoint | undefined> => {
    const found = await steps();
    for (const step of found) {
      const path = join(folder, checkpointName(step));
      const files = await verify(disk, folder, step);
      if (typeof files !== 'string') return { step, path, files };
      notice(`${path}: ${files}; it is passed over`);
    }
    if (found.length > 0) throw new DlaError('format', 'no checkpoint is intact', { where: folder, found: `${found.length} damaged` });
    return undefined;
  };

  const removeStrays = async (): Promise<string[]> => {
    const strays = (await disk.list(folder)).filter((name) => strayPattern.test(name));
    for (const name of strays) await disk.removeFolder(join(folder, name));
    return strays;
  };

  return { save, newest, removeStrays };
}

/** Read one checkpoint folder, such as one a user names. @throws DlaError `format` if it is damaged or none. */
export async function readCheckpoint(path: string, disk: CheckpointFileSystem = diskFileSystem): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = await verifyFolder(disk, path, undefined);
  if (typeof files === 'string') throw new DlaError('format', files, { where: path });
  return files;
}

/** Verified files, or what is wrong. */
function verify(disk: CheckpointFileSystem, folder: string, step: number): Promise<Map<string, Uint8Array> | string> {
  return verifyFolder(disk, join(folder, checkpointName(step)), step);
}

async function verifyFolder(disk: CheckpointFileSystem, path: string, step: number | undefined): Promise<Map<string, Uint8Array> | string> {
  let name = 'manifest.json';
  try {
    const manifest = parseManifest(await disk.read(join(path, name)));
    if (typeof manifest === 'string') return manifest;
    if (step !== undefined && manifest.step !== step) return `manifest.json is of step ${manifest.step}`;
    const files = new Map<string, Uint8Array>();
    for (const file of manifest.files) {
      name = file.name;
      if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) return 'manifest.json names a file outside the folder';
      const bytes = await disk.read(join(path, name));
      if (bytes.length !== file.bytes) return `${name} is damaged: ${bytes.length} bytes instead of ${file.bytes}`;
      if (sha256(bytes) !== file.sha256) return `${name} is damaged: its sha256 differs`;
      files.set(name, bytes);
    }
    return files;
  } catch (error) {
    return `${name} cannot be read (${codeOf(error)})`;
  }
}

async function saveError(disk: CheckpointFileSystem, folder: string, target: string, needed: number, cause: unknown): Promise<unknown> {
  if (cause instanceof DlaError) return cause;
  const code = codeOf(cause);
  if (!diskFullCodes.includes(code))
    return new DlaError('io', `the checkpoint could not be saved (${code}); the one before it is untouched`, { where: target, cause });
  const free = await disk.freeBytes(folder).catch(() => undefined);
  return new DlaError('disk-full', `no space to save the checkpoint (${code}); the one before it is untouched`, {
    where: target,
    expected: `${needed} bytes`,
    found: free === undefined ? 'an unknown number of bytes free' : `${free} bytes free`,
    cause,
  });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? 'unknown error';
}
