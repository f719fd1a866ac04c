import { DlaError } from '../../errors.js';
import { formatShape } from '../../shape.js';
import { nameProblem, quote, type SafetensorsDtype, safetensorsBytes, safetensorsElementBytes, safetensorsLimits } from './rules.js';

type TypedArray =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array;

/** A tensor to write. `data` has the dtype's own array kind (16-bit floats and complex as their bits), or is its bytes, little-endian, as `Uint8Array`. */
export interface SafetensorsWriteEntry {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

const where = 'writeSafetensors';

const arrayKinds: Record<SafetensorsDtype, string> = {
  BOOL: 'Uint8Array',
  U8: 'Uint8Array',
  I8: 'Int8Array',
  F8_E4M3: 'Uint8Array',
  F8_E5M2: 'Uint8Array',
  F8_E8M0: 'Uint8Array',
  U16: 'Uint16Array',
  I16: 'Int16Array',
  F16: 'Uint16Array',
  BF16: 'Uint16Array',
  U32: 'Uint32Array',
  I32: 'Int32Array',
  F32: 'Float32Array',
  U64: 'BigUint64Array',
  I64: 'BigInt64Array',
  F64: 'Float64Array',
  C64: 'Float32Array',
};

/**
 * The file as a list of pieces: length and header, then each tensor's bytes as views of the given arrays (copied nowhere),
 * so a streaming writer needs no second copy of the weights. Tensors are laid out by element size, widest first, then in the given order,
 * and the header is padded to a multiple of 8 bytes, so every tensor is aligned. The same input gives the same bytes.
 *
 * @throws DlaError `argument` for a name, shape, dtype or data that the reader would refuse.
 */
export function safetensorsChunks(entries: readonly SafetensorsWriteEntry[], metadata: Readonly<Record<string, string>> = {}): Uint8Array[] {
  if (entries.length > safetensorsLimits.tensors) refuse('too many tensors', `at most ${safetensorsLimits.tensors}`, String(entries.length));
  const ordered = [...entries].sort((a, b) => safetensorsElementBytes(b.dtype) - safetensorsElementBytes(a.dtype));
  const members: string[] = [];
  const described = metadataText(metadata);
  if (described !== undefined) members.push(`"__metadata__":${described}`);
  const names = new Set<string>();
  let offset = 0;
  for (const entry of ordered) {
    if (names.has(entry.name)) refuse(`tensor ${quote(entry.name)} is there twice`);
    names.add(entry.name);
    const begin = offset;
    offset += checkedBytes(entry);
    members.push(`${JSON.stringify(entry.name)}:{"dtype":"${entry.dtype}","shape":[${entry.shape.join(',')}],"data_offsets":[${begin},${offset}]}`);
  }
  const json = new TextEncoder().encode(`{${members.join(',')}}`);
  const headerBytes = Math.ceil(json.length / 8) * 8;
  if (headerBytes > safetensorsLimits.headerBytes)
    refuse('the header is too long', `at most ${safetensorsLimits.headerBytes} bytes`, `${headerBytes}`);
  const start = new Uint8Array(8 + headerBytes).fill(0x20);
  new DataView(start.buffer).setBigUint64(0, BigInt(headerBytes), true);
  start.set(json, 8);
  return [start, ...ordered.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
}

/**
 * A safetensors file in memory; layout and errors as in {@link safetensorsChunks}.
 *
 * @example
 * const bytes = writeSafetensors([{ name: 'weight', dtype: 'F32', shape: [2, 2], data: new Float32Array(4) }], { format: 'dla' });
 */
export function writeSafetensors(entries: readonly SafetensorsWriteEntry[], metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const chunks = safetensorsChunks(entries, metadata);
  const file = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    file.set(chunk, offset);
    offset += chunk.length;
  }
  return file;
}

function refuse(problem: string, expected?: string, found?: string): never {
  throw new DlaError('argument', problem, { where, ...(expected === undefined ? {} : { expected }), ...(found === undefined ? {} : { found }) });
}

function checkedBytes({ name, dtype, shape, data }: SafetensorsWriteEntry): number {
  checkName(name, 'tensor name');
  const what = `tensor ${quote(name)}`;
  if (shape.length > safetensorsLimits.rank) refuse(`${what}: rank`, `at most ${safetensorsLimits.rank}`, String(shape.length));
  const wrong = shape.find((size) => !Number.isSafeInteger(size) || size < 0);
  if (wrong !== undefined) refuse(`${what}: a size`, 'a whole number, 0 or more', String(wrong));
  const bytes = safetensorsBytes(dtype, shape);
  if (bytes !== data.byteLength) refuse(`${what}: size of ${dtype} ${formatShape(shape)}`, `${bytes} bytes`, `${data.byteLength} bytes`);
  const kind = Object.prototype.toString.call(data).slice(8, -1);
  if (kind !== arrayKinds[dtype] && kind !== 'Uint8Array') refuse(`${what}: data of ${dtype}`, `${arrayKinds[dtype]} or Uint8Array`, kind);
  return bytes;
}

function checkName(name: string, what: string): void {
  const problem = nameProblem(name) ?? (name === '__metadata__' ? 'is reserved for the metadata' : undefined);
  if (problem !== undefined) refuse(`${what} ${quote(name)} ${problem}`);
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > safetensorsLimits.nameBytes) refuse(`${what} ${quote(name)}`, `at most ${safetensorsLimits.nameBytes} bytes`, String(bytes));
}

function metadataText(metadata: Readonly<Record<string, string>>): string | undefined {
  const pairs = Object.entries(metadata);
  if (pairs.length === 0) return undefined;
  for (const [key, value] of pairs) {
    checkName(key, 'metadata key');
    if (/\p{Surrogate}/u.test(value)) refuse(`metadata ${quote(key)} holds half of a surrogate pair`);
  }
  const text = `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > safetensorsLimits.metadataBytes) refuse('the metadata is too long', `at most ${safetensorsLimits.metadataBytes} bytes`, String(bytes));
  return text;
}
