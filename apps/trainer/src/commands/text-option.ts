import { DlaError } from '@dla/core';
import { nonEmpty } from '../config/flags.js';

/**
 * A text given directly or by a file, never both. Files are read as UTF-8.
 *
 * @throws DlaError `argument`: neither, both or empty; `format`: the file (missing, empty, a directory, not UTF-8).
 */
export function oneText(
  flag: string,
  text: string | undefined,
  fileFlag: string,
  file: string | undefined,
  read: (file: string) => Uint8Array,
): string {
  if (text !== undefined && file !== undefined) throw new DlaError('argument', `and ${fileFlag} are given`, { where: flag, expected: 'one of them' });
  if (text !== undefined) return nonEmpty(flag, text);
  if (file === undefined) throw new DlaError('argument', 'is missing', { where: flag, expected: `${flag} <text> or ${fileFlag} <file>` });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(read(file));
  } catch (cause) {
    if (cause instanceof DlaError) throw cause;
    throw new DlaError('format', 'not UTF-8 text', { where: file, cause });
  }
}
