/** Stable machine-readable error codes; the trainer maps them to exit codes. */
export type ErrorCode =
  | 'shape'
  | 'dtype'
  | 'argument'
  | 'graph'
  | 'format'
  | 'io'
  | 'disk-full'
  | 'locked'
  | 'device-missing'
  | 'device-feature'
  | 'device-limit'
  | 'device-lost'
  | 'out-of-memory'
  | 'non-finite'
  | 'disposed'
  | 'aborted';

export interface DlaErrorOptions {
  /** The op, function or file the error is about; it starts the message. */
  readonly where: string;
  readonly expected?: string;
  readonly found?: string;
  readonly cause?: unknown;
}

/**
 * The one error type of the project. The message is a single line that starts with the op or file,
 * then says what is wrong, what was expected and what was found.
 *
 * @example
 * throw new DlaError('shape', 'inner dimensions differ', { where: 'matmul', expected: '[.., 4] x [4, ..]', found: '[2, 3] x [4, 5]' });
 */
export class DlaError extends Error {
  override readonly name = 'DlaError';
  readonly code: ErrorCode;
  readonly where: string;
  readonly expected: string | undefined;
  readonly found: string | undefined;

  constructor(code: ErrorCode, problem: string, options: DlaErrorOptions) {
    const expected = options.expected === undefined ? '' : `; expected ${options.expected}`;
    const found = options.found === undefined ? '' : `; found ${options.found}`;
    super(`${options.where}: ${problem}${expected}${found}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.where = options.where;
    this.expected = options.expected;
    this.found = options.found;
  }
}

/** Narrow an unknown error to a {@link DlaError}, also across duplicated copies of this package. */
export function isDlaError(error: unknown): error is DlaError {
  return error instanceof Error && error.name === 'DlaError' && 'code' in error;
}
