import { DlaError } from '@dla/core';

const diskFullCodes: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/**
 * Run an operation on an output file; a system error becomes one line that names the file.
 *
 * @throws DlaError `disk-full` (no space, quota, file size limit), else `locked` where the file cannot be made (exit code 73)
 *   and `io` where it cannot be written (74).
 */
export function writing<T>(file: string, what: string, operation: 'create' | 'write', action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const kind = diskFullCodes.includes(code) ? 'disk-full' : operation === 'create' ? 'locked' : 'io';
    throw new DlaError(kind, `${what} cannot be ${operation === 'create' ? 'created' : 'written'} (${code ?? 'unknown error'})`, {
      where: file,
      cause,
    });
  }
}
