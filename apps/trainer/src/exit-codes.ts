import { type ErrorCode, isDlaError } from '@dla/core';

/** What the `dla` command ends with, as in sysexits. 130 and 143 follow a saved SIGINT or SIGTERM. */
export const exitCodes = {
  done: 0,
  usage: 64,
  badInput: 65,
  internal: 70,
  cannotCreate: 73,
  diskError: 74,
  temporary: 75,
  interrupted: 130,
  terminated: 143,
} as const;

const byErrorCode: { readonly [code in ErrorCode]: number } = {
  argument: exitCodes.usage,
  'device-missing': exitCodes.usage,
  'device-feature': exitCodes.usage,
  'device-limit': exitCodes.usage,
  format: exitCodes.badInput,
  shape: exitCodes.internal,
  dtype: exitCodes.internal,
  graph: exitCodes.internal,
  disposed: exitCodes.internal,
  locked: exitCodes.cannotCreate,
  io: exitCodes.diskError,
  'disk-full': exitCodes.diskError,
  'device-lost': exitCodes.temporary,
  'out-of-memory': exitCodes.temporary,
  'non-finite': exitCodes.temporary,
  aborted: exitCodes.interrupted,
};

/** The exit code for an error; 70 for one that is not a DlaError. */
export function exitCodeOf(error: unknown): number {
  return isDlaError(error) ? byErrorCode[error.code] : exitCodes.internal;
}

/** Text from outside with its control characters replaced, so that it cannot steer the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to keep out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}

/** An error as one printable line without a stack. */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return printable(text.replace(/\s*\n\s*/g, ' '));
}
