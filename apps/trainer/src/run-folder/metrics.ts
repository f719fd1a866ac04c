import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { writing } from './output-error.js';

export interface MetricsWriter {
  /** Append one object as one line; handed to the system at once. Not finite numbers become null. */
  write(record: Readonly<Record<string, unknown>>): void;
  /** The lines so far reach the disk. */
  sync(): void;
  close(): void;
}

const what = 'metrics';

/**
 * JSON lines, appended to `file`, for a run that stands at `step` (0: a new run).
 *
 * Lines of later steps, which a killed run wrote after its last checkpoint, and a line cut in two are taken away first: the
 * steps after `step` are made again, and a reader finds every step once, in order.
 *
 * @throws DlaError `locked` where the file cannot be made, `disk-full` or `io` where it cannot be written.
 */
export function createMetricsWriter(file: string, step: number): MetricsWriter {
  const handle = writing(file, what, 'create', () => openSync(file, 'a+'));
  writing(file, what, 'write', () => {
    const bytes = readFileSync(file);
    const kept = step === 0 ? 0 : keptLength(bytes, step);
    if (kept < bytes.length) ftruncateSync(handle, kept);
  });
  return {
    write: (record) => {
      const line = Buffer.from(
        `${JSON.stringify(record, (_key, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? null : value))}\n`,
      );
      for (let offset = 0; offset < line.length; ) offset += writing(file, what, 'write', () => writeSync(handle, line, offset));
    },
    sync: () => writing(file, what, 'write', () => fsyncSync(handle)),
    close: () => closeSync(handle),
  };
}

/** Bytes before the first line that is of a later step than `step` or not a whole JSON object. */
function keptLength(bytes: Buffer, step: number): number {
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(10, start);
    if (end < 0) return start;
    const found = stepOf(bytes.toString('utf8', start, end));
    if (found === undefined || found > step) return start;
    start = end + 1;
  }
}

function stepOf(line: string): number | undefined {
  try {
    const value: unknown = (JSON.parse(line) as { step?: unknown } | null)?.step;
    return typeof value === 'number' ? value : undefined;
  } catch {
    return undefined;
  }
}
