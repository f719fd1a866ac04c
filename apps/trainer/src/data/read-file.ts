import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { DlaError } from '@dla/core';

/** Bytes asked for at once. */
const chunkBytes = 1 << 20;

/**
 * A file's bytes as they are: no decoding, CRLF and BOM kept. Read in chunks into one array of the file's size.
 *
 * @throws DlaError `format`: missing, a directory, not a plain file, empty, or changed while it was read; `io`: not readable.
 */
export function readBytes(file: string): Uint8Array {
  const handle = attempt(file, () => openSync(file, 'r'));
  try {
    const status = fstatSync(handle);
    if (status.isDirectory()) throw new DlaError('format', 'a directory, not a text file', { where: file });
    if (!status.isFile()) throw new DlaError('format', 'not a plain file', { where: file });
    if (status.size === 0) throw new DlaError('format', 'the file is empty', { where: file, expected: 'at least one byte' });
    const bytes = new Uint8Array(status.size);
    let filled = 0;
    while (filled < bytes.length) {
      const got = attempt(file, () => readSync(handle, bytes, filled, Math.min(chunkBytes, bytes.length - filled), filled));
      if (got === 0) break;
      filled += got;
    }
    const size = fstatSync(handle).size;
    if (filled !== bytes.length || size !== bytes.length)
      throw new DlaError('format', 'the file changed while it was read', {
        where: file,
        expected: `${bytes.length} bytes`,
        found: `${filled < bytes.length ? filled : size}`,
      });
    return bytes;
  } finally {
    closeSync(handle);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'not readable (permission denied)',
  EISDIR: 'a directory, not a text file',
};

function attempt<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    const reason = reasons[code];
    throw new DlaError(reason === undefined ? 'io' : 'format', reason ?? `cannot be read (${code})`, { where: file, cause });
  }
}
