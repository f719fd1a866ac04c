import { formatShape } from '../../shape.js';
import { JsonScanner } from './json-scanner.js';
import { formatError, isSafetensorsDtype, nameProblem, quote, type SafetensorsDtype, safetensorsBytes, safetensorsLimits } from './rules.js';

/** Where a tensor lies; offsets count from the start of the data, behind the header. */
export interface SafetensorsEntry {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In the header's order. */
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
  /** Without a prototype. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Byte of the file at which the data begins. */
  readonly dataStart: number;
}

/** Options of the readers. */
export interface SafetensorsSource {
  /** The file's name; it starts every error message. */
  readonly where: string;
}

const metadataKey = '__metadata__';

/**
 * Bytes of JSON behind the 8-byte length field (u64, little-endian).
 *
 * @param start The first bytes of the file, 8 at least.
 * @throws DlaError `format` where the file is too short or the length over {@link safetensorsLimits} or the file's end.
 */
export function safetensorsHeaderLength(start: Uint8Array, fileSize: number, { where }: SafetensorsSource): number {
  if (!Number.isSafeInteger(fileSize) || fileSize < 10) throw formatError(where, 'the file is too short', 'at least 10 bytes', `${fileSize} bytes`);
  if (start.length < 8) throw formatError(where, 'the file changed while it was read', '8 bytes of header length', `${start.length}`);
  const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true);
  const limit = safetensorsLimits.headerBytes;
  if (length > BigInt(limit)) throw formatError(where, 'the header is too long', `at most ${limit} bytes`, `${length} bytes`);
  if (length > BigInt(fileSize - 8))
    throw formatError(where, 'the header goes beyond the end of the file', `at most ${fileSize - 8} bytes`, `${length} bytes`);
  if (length < 2n) throw formatError(where, 'the header is too short', "at least the 2 bytes '{}'", `${length} bytes`);
  return Number(length);
}

/**
 * Read and check the header of a safetensors file: unique names, known dtypes, sizes that match, and data that is covered
 * without holes, overlaps or bytes to spare. Tensors may be listed in any order, but those that begin at the same byte
 * (all but one have no elements) must be listed in the order in which they follow one another.
 *
 * @param bytes The file from its first byte to the end of the header at least.
 * @param fileSize Bytes of the whole file.
 * @throws DlaError `format`, naming the file and the tensor.
 *
 * @example
 * const { tensors, dataStart } = parseSafetensorsHeader(bytes, bytes.length, { where: 'model.safetensors' });
 */
export function parseSafetensorsHeader(bytes: Uint8Array, fileSize: number, source: SafetensorsSource): SafetensorsHeader {
  const { where } = source;
  const length = safetensorsHeaderLength(bytes, fileSize, source);
  const dataStart = 8 + length;
  if (bytes.length < dataStart)
    throw formatError(where, 'the file changed while it was read', `${dataStart} bytes of header`, `${bytes.length} bytes`);
  if (bytes[8] !== 0x7b) throw formatError(where, 'the header must start with an object', "'{'", `byte 0x${(bytes[8] as number).toString(16)}`);
  const scanner = new JsonScanner(bytes.subarray(8, dataStart), where);
  const tensors = new Map<string, SafetensorsEntry>();
  let metadata: Record<string, string> | undefined;
  scanner.object('header', safetensorsLimits.nameBytes, (name) => {
    if (name === metadataKey) {
      if (metadata !== undefined) throw formatError(where, `key ${metadataKey} is there twice`);
      metadata = readMetadata(scanner, where);
      return;
    }
    const problem = nameProblem(name);
    if (problem !== undefined) throw formatError(where, `tensor name ${quote(name)} ${problem}`);
    if (tensors.has(name)) throw formatError(where, `tensor ${quote(name)} is there twice`);
    if (tensors.size === safetensorsLimits.tensors) throw formatError(where, 'too many tensors', `at most ${safetensorsLimits.tensors}`);
    tensors.set(name, readEntry(scanner, where, name));
  });
  scanner.end('text behind the header object', 'spaces');
  checkCoverage(tensors, fileSize - dataStart, where);
  return { tensors, metadata: metadata ?? Object.create(null), dataStart };
}

function readMetadata(scanner: JsonScanner, where: string): Record<string, string> {
  const metadata: Record<string, string> = Object.create(null);
  const limit = safetensorsLimits.metadataBytes;
  const start = scanner.position;
  scanner.object(metadataKey, safetensorsLimits.nameBytes, (key) => {
    const problem = nameProblem(key);
    if (problem !== undefined) throw formatError(where, `${metadataKey} key ${quote(key)} ${problem}`);
    if (key in metadata) throw formatError(where, `${metadataKey} key ${quote(key)} is there twice`);
    metadata[key] = scanner.string(`${metadataKey} ${quote(key)}`, limit);
    if (scanner.position - start > limit) throw formatError(where, `${metadataKey} is too long`, `at most ${limit} bytes`);
  });
  return metadata;
}

function readEntry(scanner: JsonScanner, where: string, name: string): SafetensorsEntry {
  const what = (): string => `tensor ${quote(name)}`;
  let dtype: SafetensorsDtype | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  scanner.object(what, 16, (key) => {
    const repeated = (key === 'dtype' ? dtype : key === 'shape' ? shape : key === 'data_offsets' ? offsets : undefined) !== undefined;
    if (repeated) throw formatError(where, `${what()}: key ${key} is there twice`);
    if (key === 'dtype') {
      const text = scanner.string(() => `${what()} dtype`, 16);
      if (!isSafetensorsDtype(text))
        throw formatError(where, `${what()}: unknown dtype`, 'F32, F16, BF16, I32, U32, I64, U8, BOOL or a kin', quote(text));
      dtype = text;
    } else if (key === 'shape') shape = readIntegers(scanner, () => `${what()} shape`, safetensorsLimits.rank);
    else if (key === 'data_offsets') offsets = readIntegers(scanner, () => `${what()} data_offsets`, 2);
    else throw formatError(where, `${what()}: unknown key`, 'dtype, shape, data_offsets', quote(key));
  });
  const missing = dtype === undefined ? 'dtype' : shape === undefined ? 'shape' : 'data_offsets';
  if (dtype === undefined || shape === undefined || offsets === undefined) throw formatError(where, `${what()}: ${missing} is missing`);
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined) throw formatError(where, `${what()}: data_offsets`, '[begin, end]', `${offsets.length} numbers`);
  if (end < begin) throw formatError(where, `${what()}: data_offsets are reversed`, 'begin <= end', `[${begin}, ${end}]`);
  const bytes = safetensorsBytes(dtype, shape);
  if (bytes === undefined) throw formatError(where, `${what()}: the size of shape ${formatShape(shape)} overflows`, 'at most 2^53 - 1 bytes');
  if (bytes !== end - begin)
    throw formatError(where, `${what()}: size of ${dtype} ${formatShape(shape)}`, `${bytes} bytes`, `${end - begin} bytes in data_offsets`);
  return { dtype, shape, begin, end };
}

function readIntegers(scanner: JsonScanner, what: () => string, most: number): number[] {
  scanner.expect('[', what);
  const values: number[] = [];
  if (scanner.take(']')) return values;
  do {
    if (values.length === most) scanner.fail(what, `at most ${most} numbers`);
    values.push(scanner.integer(() => `${what()}[${values.length}]`));
  } while (scanner.take(','));
  scanner.expect(']', () => `${what()}: end of array`);
  return values;
}

/** Tensors must cover the data from its first byte to its last, each beginning where the one before ended. */
function checkCoverage(tensors: ReadonlyMap<string, SafetensorsEntry>, dataBytes: number, where: string): void {
  const inOrder = [...tensors].sort(([, a], [, b]) => a.begin - b.begin);
  let covered = 0;
  for (const [name, { begin, end }] of inOrder) {
    if (end > dataBytes)
      throw formatError(where, `tensor ${quote(name)} goes beyond the end of the file`, `at most ${dataBytes} bytes of data`, `end ${end}`);
    if (begin !== covered) {
      throw formatError(
        where,
        `tensor ${quote(name)} ${begin > covered ? 'leaves a hole before it' : 'overlaps another'}`,
        `begin ${covered}`,
        `begin ${begin}`,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) throw formatError(where, 'bytes behind the last tensor', `${covered} bytes of data`, `${dataBytes}`);
}
