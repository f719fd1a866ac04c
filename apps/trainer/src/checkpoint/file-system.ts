import { mkdir, open, readdir, readFile, rename, rm, statfs } from 'node:fs/promises';

export interface WritableFile {
  /** Bytes written; may be fewer than given. */
  write(bytes: Uint8Array): Promise<number>;
  /** Data and size reach the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The file operations that checkpoints are made of; tests put a file system here that fails or loses power. */
export interface CheckpointFileSystem {
  /** Parents too; no error if it is there. */
  makeFolder(path: string): Promise<void>;
  /** A new file; an error if it is there. */
  create(path: string): Promise<WritableFile>;
  /** The names in a folder reach the disk. */
  syncFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** With all it holds; no error if it is not there. */
  removeFolder(path: string): Promise<void>;
  /** Names in a folder; none if it is not there. */
  list(path: string): Promise<string[]>;
  read(path: string): Promise<Uint8Array>;
  /** Bytes that may still be written there; undefined if unknown. */
  freeBytes(path: string): Promise<number | undefined>;
}

/** The disk. Folders are synced too, except on Windows, which cannot. */
export const diskFileSystem: CheckpointFileSystem = {
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true });
  },
  create: async (path) => {
    const handle = await open(path, 'wx');
    return {
      write: async (bytes) => (await handle.write(bytes)).bytesWritten,
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  syncFolder: async (path) => {
    if (process.platform === 'win32') return;
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  rename: (from, to) => rename(from, to),
  removeFolder: (path) => rm(path, { recursive: true, force: true }),
  list: async (path) => {
    try {
      return await readdir(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  },
  read: (path) => readFile(path),
  freeBytes: async (path) => {
    try {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    } catch {
      return undefined;
    }
  },
};
