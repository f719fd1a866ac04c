import { describe, expect, it } from 'vitest';
import {
  countNonFinite,
  DlaError,
  parseSafetensorsHeader,
  readSafetensors,
  type SafetensorsWriteEntry,
  safetensorsChunks,
  safetensorsHeaderLength,
  writeSafetensors,
} from '../../index.js';

const where = 'model.safetensors';
const read = (bytes: Uint8Array): ReturnType<typeof readSafetensors> => readSafetensors(bytes, { where });
const refusal = (run: () => unknown): DlaError => {
  try {
    run();
  } catch (error) {
    if (error instanceof DlaError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

const everyDtype: SafetensorsWriteEntry[] = [
  { name: 'flags', dtype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) },
  { name: 'bytes', dtype: 'U8', shape: [1, 2], data: Uint8Array.of(7, 255) },
  { name: 'i8', dtype: 'I8', shape: [2], data: Int8Array.of(-1, 2) },
  { name: 'f8', dtype: 'F8_E4M3', shape: [1], data: Uint8Array.of(9) },
  { name: 'u16', dtype: 'U16', shape: [1], data: Uint16Array.of(65535) },
  { name: 'i16', dtype: 'I16', shape: [1], data: Int16Array.of(-2) },
  { name: 'half', dtype: 'F16', shape: [2], data: Uint16Array.of(0x3c00, 0x4000) },
  { name: 'brain', dtype: 'BF16', shape: [2], data: Uint16Array.of(0x3f80, 0x4000) },
  { name: 'u32', dtype: 'U32', shape: [1], data: Uint32Array.of(4294967295) },
  { name: 'i32', dtype: 'I32', shape: [1], data: Int32Array.of(-3) },
  { name: 'weight', dtype: 'F32', shape: [2, 2], data: Float32Array.of(1, -2, 0.5, 3e38) },
  { name: 'scalar', dtype: 'F32', shape: [], data: Float32Array.of(4) },
  { name: 'none', dtype: 'F32', shape: [0, 5], data: new Float32Array(0) },
  { name: 'u64', dtype: 'U64', shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) },
  { name: 'i64', dtype: 'I64', shape: [1], data: BigInt64Array.of(-5n) },
  { name: 'f64', dtype: 'F64', shape: [1], data: Float64Array.of(Math.PI) },
  { name: 'c64', dtype: 'C64', shape: [1], data: Float32Array.of(1, 2) },
  { name: 'größe/层 "x"', dtype: 'U8', shape: [1], data: Uint8Array.of(3) },
];
const bytesOf = (data: SafetensorsWriteEntry['data']): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

describe('safetensors round trip', () => {
  it('gives back every dtype, name, shape, byte and metadata text', () => {
    const metadata = { format: 'dla', note: 'line\nbreak, "quotes", \u202e and 😀' };
    const bytes = writeSafetensors(everyDtype, metadata);
    const file = read(bytes);
    expect(file.tensors.size).toBe(everyDtype.length);
    for (const { name, dtype, shape, data } of everyDtype) expect(file.tensors.get(name)).toEqual({ dtype, shape, data: bytesOf(data) });
    expect({ ...file.metadata }).toEqual(metadata);
    expect(Object.getPrototypeOf(file.metadata)).toBeNull();
    expect(file.notices).toEqual([]);
  });

  it('aligns every tensor to its element size and copies no data while reading', () => {
    const bytes = writeSafetensors(everyDtype);
    const { tensors, dataStart } = parseSafetensorsHeader(bytes, bytes.length, { where });
    expect(dataStart % 8).toBe(0);
    for (const { begin, end, shape } of tensors.values()) {
      const count = shape.reduce((product, size) => product * size, 1);
      if (count > 0) expect(begin % ((end - begin) / count)).toBe(0);
    }
    for (const { data } of read(bytes).tensors.values()) expect(data.buffer).toBe(bytes.buffer);
  });

  it('streams the same bytes as it writes at once, as views of the given arrays', () => {
    const chunks = safetensorsChunks(everyDtype, { a: 'b' });
    expect(Uint8Array.from(chunks.flatMap((chunk) => [...chunk]))).toEqual(writeSafetensors(everyDtype, { a: 'b' }));
    const buffers = new Set<unknown>(everyDtype.map(({ data }) => data.buffer));
    for (const chunk of chunks.slice(1)) expect(buffers.has(chunk.buffer)).toBe(true);
  });

  it('reads a view that does not start at byte 0 of its buffer', () => {
    const bytes = writeSafetensors(everyDtype);
    const shifted = new Uint8Array(bytes.length + 5);
    shifted.set(bytes, 3);
    expect(read(shifted.subarray(3, 3 + bytes.length)).tensors.get('weight')?.data).toEqual(bytesOf(Float32Array.of(1, -2, 0.5, 3e38)));
  });

  it('reads length and header apart from the data', () => {
    const bytes = writeSafetensors(everyDtype);
    const length = safetensorsHeaderLength(bytes.subarray(0, 8), bytes.length, { where });
    const header = parseSafetensorsHeader(bytes.subarray(0, 8 + length), bytes.length, { where });
    expect([...header.tensors.keys()].sort()).toEqual(everyDtype.map(({ name }) => name).sort());
  });

  it('counts values that are not finite in each float dtype', () => {
    expect(countNonFinite('F32', bytesOf(Float32Array.of(NaN, Infinity, -Infinity, 3e38, 0)))).toBe(3);
    expect(countNonFinite('F64', bytesOf(Float64Array.of(NaN, Infinity, 1.7e308, -0)))).toBe(2);
    expect(countNonFinite('F16', bytesOf(Uint16Array.of(0x7c00, 0xfe00, 0x7bff)))).toBe(2);
    expect(countNonFinite('BF16', bytesOf(Uint16Array.of(0x7f80, 0xffc0, 0x7f7f)))).toBe(2);
    expect(countNonFinite('U8', Uint8Array.of(255))).toBe(0);
  });
});

describe('writeSafetensors refuses', () => {
  const one = { name: 'a', dtype: 'U8', shape: [1], data: new Uint8Array(1) } as const;
  const cases: [string, SafetensorsWriteEntry[], Record<string, string>, RegExp][] = [
    ['a name twice', [one, one], {}, /tensor "a" is there twice/],
    ['a reserved name', [{ ...one, name: '__proto__' }], {}, /reserved in JavaScript/],
    ['the metadata name', [{ ...one, name: '__metadata__' }], {}, /reserved for the metadata/],
    ['half a surrogate pair', [{ ...one, name: 'a\ud800' }], {}, /half of a surrogate pair/],
    ['a long name', [{ ...one, name: 'é'.repeat(257) }], {}, /expected at most 512 bytes; found 514/],
    ['a size that does not fit', [{ ...one, shape: [2] }], {}, /expected 2 bytes; found 1 bytes/],
    ['a fractional size', [{ ...one, shape: [0.5] }], {}, /found 0\.5/],
    ['rank 9', [{ ...one, shape: new Array(9).fill(1) }], {}, /expected at most 8; found 9/],
    [
      'another array kind',
      [{ name: 'a', dtype: 'F32', shape: [1], data: new Int32Array(1) }],
      {},
      /expected Float32Array or Uint8Array; found Int32Array/,
    ],
    ['metadata with half a pair', [one], { a: '\udc00' }, /metadata "a" holds half/],
    ['long metadata', [one], { a: 'x'.repeat(4_194_304) }, /metadata is too long/],
  ];
  it.each(cases)('%s', (_, entries, metadata, message) => {
    const error = refusal(() => writeSafetensors(entries, metadata));
    expect(error.code).toBe('argument');
    expect(error.message).toMatch(message);
  });
});
