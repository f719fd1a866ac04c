import { type DlaError, isDlaError } from '@dla/core';
import { expect } from 'vitest';

/** The one typed, single-line error that `work` ends in. */
export async function errorOf(work: () => unknown): Promise<DlaError> {
  try {
    await work();
  } catch (error) {
    if (!isDlaError(error)) throw error;
    expect(error.message).not.toMatch(/[\n\r]/);
    expect(error.message.length).toBeLessThan(600);
    return error;
  }
  throw new Error('nothing was thrown');
}
