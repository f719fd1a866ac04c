import { parseSafetensorsHeader, type SafetensorsSource } from './header.js';
import { formatError, quote, type SafetensorsDtype } from './rules.js';

/** One tensor of a file; `data` is a view of the file's bytes (little-endian), copied nowhere and not aligned. */
export interface SafetensorsTensor {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
  /** Without a prototype. */
  readonly metadata: Readonly<Record<string, string>>;
  /** One line for each float tensor that holds NaN or an infinity. */
  readonly notices: readonly string[];
}

export interface ReadSafetensorsOptions extends SafetensorsSource {
  /** Bytes the file had when it was opened; a different length now is an error. Default: the length of the bytes. */
  readonly fileSize?: number;
}

/**
 * Read a whole safetensors file, strictly; see {@link parseSafetensorsHeader}. Allocates only the header's entries.
 *
 * @throws DlaError `format`, one line naming the file, the tensor, what was expected and what was found.
 *
 * @example
 * const { tensors } = readSafetensors(bytes, { where: 'model.safetensors' });
 * const weight = tensors.get('weight');
 */
export function readSafetensors(bytes: Uint8Array, options: ReadSafetensorsOptions): SafetensorsFile {
  const { where, fileSize = bytes.length } = options;
  if (fileSize !== bytes.length) throw formatError(where, 'the file changed while it was read', `${fileSize} bytes`, `${bytes.length} bytes`);
  const header = parseSafetensorsHeader(bytes, fileSize, { where });
  const tensors = new Map<string, SafetensorsTensor>();
  const notices: string[] = [];
  for (const [name, { dtype, shape, begin, end }] of header.tensors) {
    const data = bytes.subarray(header.dataStart + begin, header.dataStart + end);
    tensors.set(name, { dtype, shape, data });
    const count = countNonFinite(dtype, data);
    if (count > 0) notices.push(`${where}: tensor ${quote(name)} holds ${count} NaN or infinite values`);
  }
  return { tensors, metadata: header.metadata, notices };
}

/** How many values are NaN or infinite: those with all exponent bits set. 0 for dtypes other than F16, BF16, F32 and F64. */
export function countNonFinite(dtype: SafetensorsDtype, data: Uint8Array): number {
  switch (dtype) {
    case 'F16':
      return countSet(data, 2, 0x7c, 0);
    case 'BF16':
      return countSet(data, 2, 0x7f, 0x80);
    case 'F32':
      return countSet(data, 4, 0x7f, 0x80);
    case 'F64':
      return countSet(data, 8, 0x7f, 0xf0);
    default:
      return 0;
  }
}

/** Values of `width` bytes whose last byte has all bits of `last` set and whose byte before it all of `before`. */
function countSet(data: Uint8Array, width: number, last: number, before: number): number {
  let count = 0;
  for (let index = width - 1; index < data.length; index += width) {
    if (((data[index] as number) & last) === last && ((data[index - 1] as number) & before) === before) count++;
  }
  return count;
}
