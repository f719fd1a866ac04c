import { describe, expect, it } from 'vitest';
import { DlaError, parseSafetensorsHeader, parseShardIndex, readSafetensors } from '../../index.js';

const where = 'model.safetensors';
const utf8 = new TextEncoder();

/** A file from its header (text or bytes), its data, and the length field if it should lie. */
function file(header: string | Uint8Array, data: Uint8Array | number = 0, length?: bigint): Uint8Array {
  const json = typeof header === 'string' ? utf8.encode(header) : header;
  const payload = typeof data === 'number' ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + json.length + payload.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(payload, 8 + json.length);
  return bytes;
}
const entry = (dtype = 'F32', shape = '[2]', offsets = '[0,8]'): string => `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
/** One F32 tensor of 8 bytes with a part of its entry replaced. */
const one = (shape: string, offsets = '[0,8]', dtype = 'F32'): Uint8Array => file(`{"a":${entry(dtype, shape, offsets)}}`, 8);
const named = (name: string): Uint8Array => file(`{"${name}":${entry()}}`, 8);
const noted = (metadata: string): Uint8Array => file(`{"__metadata__":${metadata},"a":${entry()}}`, 8);
const bytesOf = (values: ArrayBufferView): Uint8Array => new Uint8Array(values.buffer);
const valid = file(`{"a":${entry()}}`, 8);

/** A whole valid header of `length` bytes is not needed to check a length field: only the first bytes are given. */
const claimed = (length: bigint, fileSize: number) => (): unknown => parseSafetensorsHeader(file('{}', 0, length), fileSize, { where });

function manyTensors(count: number): Uint8Array {
  const one = ':{"dtype":"U8","shape":[0],"data_offsets":[0,0]}';
  return file(`{${Array.from({ length: count }, (_, index) => `"${index.toString(36)}"${one}`).join(',')}}`);
}

const shards = (text: string) => (): unknown =>
  parseShardIndex(utf8.encode(text), {
    where: 'model.safetensors.index.json',
    files: ['a.safetensors', 'b.safetensors', 'model.safetensors.index.json'],
  });
const mapped = (name: string): (() => unknown) => shards(`{"weight_map":{"w":${JSON.stringify(name)}}}`);

type Case = readonly [name: string, input: Uint8Array | (() => unknown), verdict: 'valid' | RegExp];

const lengthField: Case[] = [
  ['0', file('{}', 0, 0n), /too short; expected at least the 2 bytes '\{\}'; found 0 bytes/],
  ['1', file('{}', 0, 1n), /too short; .* found 1 bytes/],
  ['2 with {} and no data', file('{}'), 'valid'],
  ['a file of 7 bytes', new Uint8Array(7), /the file is too short; expected at least 10 bytes; found 7 bytes/],
  ['an empty file', new Uint8Array(0), /the file is too short; .* found 0 bytes/],
  ['file size - 7', file('{}', 0, 3n), /beyond the end of the file; expected at most 2 bytes; found 3 bytes/],
  ['above the file size', file('{}', 0, 4000n), /beyond the end of the file/],
  ['2^31', claimed(2n ** 31n, 2 ** 40), /too long; expected at most 25000000 bytes; found 2147483648 bytes/],
  ['2^32', claimed(2n ** 32n, 2 ** 40), /found 4294967296 bytes/],
  ['2^53', claimed(2n ** 53n, 2 ** 53 - 1), /found 9007199254740992 bytes/],
  ['2^63', claimed(2n ** 63n, 2 ** 53 - 1), /found 9223372036854775808 bytes/],
  ['2^64 - 1', claimed(2n ** 64n - 1n, 2 ** 53 - 1), /found 18446744073709551615 bytes/],
  ['100,000,001 (the cap of the reference, plus 1)', claimed(100_000_001n, 2 ** 40), /found 100000001 bytes/],
];

const headerBytes: Case[] = [
  ['first byte a space', file(' {}'), /must start with an object; expected '\{'; found byte 0x20/],
  ['first byte of a byte-order mark', file('\ufeff{}'), /found byte 0xef/],
  ['first byte [', file('[]'), /found byte 0x5b/],
  ['invalid UTF-8 in a name', file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a), 0), /expected UTF-8 text/],
  ['NUL inside a name', named('a\0b'), /no raw control character in a string; found byte 0x0 /],
  ['NULs behind the header in place of spaces', file('{}\0\0\0'), /text behind the header object; expected only spaces; found byte 0x0 at byte 2/],
  ['JSON cut', file(`{"a":${entry()}`, 8), /header: end of object; expected '\}'; found the end/],
  ['garbage behind the object', file('{}x'), /text behind the header object; .* found 'x' at byte 2/],
  ['100,000 nested arrays', file(`{"a":${'['.repeat(100_000)}`), /tensor "a"; expected '\{'; found an array/],
  ['100 MB of spaces', claimed(100_000_000n, 100_000_008), /the header is too long/],
  ['100,001 tensors of 0 bytes', () => readSafetensors(manyTensors(100_001), { where }), /too many tensors; expected at most 100000/],
  ['a tensor name twice', file(`{"a":${entry('F32', '[1]', '[0,4]')},"a":${entry('F32', '[1]', '[4,8]')}}`, 8), /tensor "a" is there twice/],
  [
    'a name twice, once as an escape',
    file(`{"a":${entry('F32', '[1]', '[0,4]')},"\\u0061":${entry('F32', '[1]', '[4,8]')}}`, 8),
    /tensor "a" is there twice/,
  ],
  ['name __proto__', named('__proto__'), /"__proto__" is reserved/],
  ['name constructor', named('constructor'), /"constructor" is reserved/],
  ['name toString', named('toString'), /"toString" is reserved/],
  ['empty name', named(''), /tensor name "" is empty/],
  ['name of 1 MB', named('a'.repeat(1_000_000)), /header: key; expected at most 512 bytes/],
  ['name with ../', named('../a'), /"\.\.\/a" has a path step/],
  ['name with a control character as an escape', named('a\\u0007'), /"a\\u0007" holds a control or text-direction character/],
  ['name with an RTL override', named('a\u202eb'), /"a\\u202eb" holds a control or text-direction character/],
  ['__metadata__ not an object', noted('[]'), /__metadata__; expected '\{'; found an array/],
  ['__metadata__ value not a string', noted('{"k":1}'), /__metadata__ "k"; expected a string; found a number/],
  ['__metadata__ of 10 MB', noted(`{"k":"${'x'.repeat(10_000_000)}"}`), /__metadata__ "k"; expected at most 4194304 bytes/],
  ['__proto__ inside __metadata__', noted('{"__proto__":"x"}'), /__metadata__ key "__proto__" is reserved/],
];

const entries: Case[] = [
  ['no dtype', file('{"a":{"shape":[2],"data_offsets":[0,8]}}', 8), /tensor "a": dtype is missing/],
  ['no shape', file('{"a":{"dtype":"F32","data_offsets":[0,8]}}', 8), /tensor "a": shape is missing/],
  ['no data_offsets', file('{"a":{"dtype":"F32","shape":[2]}}', 8), /tensor "a": data_offsets is missing/],
  ['unknown dtype', one('[2]', '[0,8]', 'F33'), /tensor "a": unknown dtype; .* found "F33"/],
  ['dtype __proto__', one('[2]', '[0,8]', '__proto__'), /found "__proto__"/],
  ['shape not an array', one('2'), /tensor "a" shape; expected '\['; found a number/],
  ['negative size', one('[-2]'), /tensor "a" shape\[0\]; expected a whole number, 0 or more; found a negative number/],
  ['fractional size', one('[2.0]'), /shape\[0\]; expected a whole number; found a fraction or exponent/],
  ['size as a string', one('["2"]'), /shape\[0\]; .* found a string/],
  ['size 1e400', one('[1e400]'), /found a fraction or exponent/],
  ['size 2^53 + 1', one('[9007199254740993]'), /expected at most 2\^53 - 1; found a larger number/],
  ['a product that is 4 modulo 2^64', one('[4194305,4194305,211106198978564]', '[0,4]', 'U8'), /overflows; expected at most 2\^53 - 1 bytes/],
  ['rank 1,000', one(`[${new Array(1000).fill(1).join(',')}]`), /shape; expected at most 8 numbers/],
  ['1 offset', one('[2]', '[0]'), /data_offsets; expected \[begin, end\]; found 1 numbers/],
  ['3 offsets', one('[2]', '[0,4,8]'), /data_offsets; expected at most 2 numbers/],
  ['negative offset', one('[2]', '[-8,0]'), /data_offsets\[0\]; .* found a negative number/],
  ['reversed offsets', one('[2]', '[8,0]'), /reversed; expected begin <= end; found \[8, 0\]/],
  ['fractional offset', one('[2]', '[0,8.5]'), /data_offsets\[1\]; .* found a fraction/],
  ['offsets beyond the end', one('[4]', '[0,16]'), /beyond the end of the file; expected at most 8 bytes of data; found end 16/],
  [
    'overlapping tensors',
    file(`{"a":${entry()},"b":${entry('F32', '[2]', '[4,12]')}}`, 12),
    /tensor "b" overlaps another; expected begin 8; found begin 4/,
  ],
  ['a hole between tensors', file(`{"a":${entry()},"b":${entry('F32', '[2]', '[12,20]')}}`, 20), /tensor "b" leaves a hole before it/],
  ['data not from 0', file(`{"a":${entry('F32', '[2]', '[4,12]')}}`, 12), /leaves a hole before it; expected begin 0; found begin 4/],
  ['a zero-size tensor in order', file(`{"a":${entry()},"z":${entry('F32', '[0]', '[8,8]')},"b":${entry('F32', '[2]', '[8,16]')}}`, 16), 'valid'],
  [
    'a zero-size tensor at the offset of one before it',
    file(`{"a":${entry()},"z":${entry('F32', '[0]', '[0,0]')}}`, 8),
    /tensor "z" overlaps another/,
  ],
  ['size other than shape x dtype', one('[3]'), /size of F32 \[3\]; expected 12 bytes; found 8 bytes/],
  ['extra keys', file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"stride":[1]}}', 8), /unknown key; .* found "stride"/],
];

const data: Case[] = [
  ['1 byte short', valid.subarray(0, valid.length - 1), /beyond the end of the file; expected at most 7 bytes of data; found end 8/],
  ['1 byte long', file(`{"a":${entry()}}`, 9), /bytes behind the last tensor; expected 8 bytes of data; found 9/],
  ['NaN and infinite weights', file(`{"a":${entry()}}`, bytesOf(Float32Array.of(NaN, -Infinity))), 'valid'],
  ['an index naming a missing shard', mapped('c.safetensors'), /shard "c\.safetensors" of tensor "w" is missing/],
  ['an index naming itself', mapped('model.safetensors.index.json'), /is not a \.safetensors file/],
  ['an index naming ../', mapped('../a.safetensors'), /has a path step/],
  ['an index with two shards for one name', shards('{"weight_map":{"w":"a.safetensors","w":"b.safetensors"}}'), /tensor "w" is mapped twice/],
  ['a file that grew while it was read', () => readSafetensors(valid, { where, fileSize: valid.length - 1 }), /changed while it was read/],
];

const groups: Record<string, Case[]> = { 'length field': lengthField, 'header bytes': headerBytes, entries, data };
const all = Object.values(groups).flat();

describe('the named safetensors cases', () => {
  it('are more than 67, three of them valid', () => {
    expect(all.length).toBeGreaterThanOrEqual(67);
    expect(new Set(all.map(([name]) => name)).size).toBe(all.length);
    expect(all.filter(([, , verdict]) => verdict === 'valid').map(([name]) => name)).toEqual([
      '2 with {} and no data',
      'a zero-size tensor in order',
      'NaN and infinite weights',
    ]);
  });

  for (const [group, cases] of Object.entries(groups)) {
    it.each(cases)(`${group}: %s`, (_, input, verdict) => {
      const run = typeof input === 'function' ? input : (): unknown => readSafetensors(input, { where });
      const started = performance.now();
      let error: unknown;
      try {
        run();
      } catch (thrown) {
        error = thrown;
      }
      expect(performance.now() - started).toBeLessThan(2000);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      if (verdict === 'valid') {
        expect(error).toBeUndefined();
        return;
      }
      expect(error).toBeInstanceOf(DlaError);
      const { code, message } = error as DlaError;
      expect(code).toBe('format');
      expect(message).toMatch(verdict);
      expect(message).toMatch(/^model\.safetensors(\.index\.json)?: [^\n\r\u202e]{1,400}$/);
    });
  }
});

describe('beside the named cases', () => {
  it('reports values that are not finite, by tensor', () => {
    const bytes = file(`{"a":${entry()}}`, bytesOf(Float32Array.of(NaN, -Infinity)));
    expect(readSafetensors(bytes, { where }).notices).toEqual(['model.safetensors: tensor "a" holds 2 NaN or infinite values']);
  });

  it('takes tensors listed in another order than they lie', () => {
    const bytes = file(`{"b":${entry('F32', '[1]', '[4,8]')},"a":${entry('F32', '[1]', '[0,4]')}}`, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    const { tensors } = readSafetensors(bytes, { where });
    expect([...tensors.keys()]).toEqual(['b', 'a']);
    expect(tensors.get('b')?.data).toEqual(Uint8Array.of(5, 6, 7, 8));
  });

  it('takes white space, escapes and 100,000 tensors', () => {
    const bytes = file(`{\n\t"\\ud83d\\ude00 \\"\\/" :\r\n${entry()} }   `, 8);
    expect([...readSafetensors(bytes, { where }).tensors.keys()]).toEqual(['😀 "/']);
    expect(readSafetensors(manyTensors(100_000), { where }).tensors.size).toBe(100_000);
  });

  it.each([
    ['\\ud800', /expected a JSON escape/],
    ['\\ud800\\u0061', /expected a JSON escape/],
    ['\\udc00', /expected a JSON escape/],
    ['\\x41', /expected a JSON escape/],
    ['\\u00g1', /expected a JSON escape/],
    ['a.__proto__.b', /reserved/],
    ['a\\\\b', /backslash/],
  ])('refuses the name %s', (name, message) => {
    expect(() => readSafetensors(named(name), { where })).toThrow(message);
  });

  it.each([
    ['a key of the entry twice', file('{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 8), /key dtype is there twice/],
    ['metadata twice', file('{"__metadata__":{},"__metadata__":{}}'), /__metadata__ is there twice/],
    ['a metadata key twice', noted('{"k":"1","k":"2"}'), /key "k" is there twice/],
    ['a comma at the end', file(`{"a":${entry()},}`, 8), /header: key; expected a string; found '\}'/],
    ['a leading zero', one('[02]'), /a leading zero/],
    ['a string that never ends', file('{"a'), /a closing quote/],
    ['true for a tensor', file('{"a":true}'), /found true/],
  ] as const)('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes, { where })).toThrow(message);
  });

  it('refuses a header of which only a part was given', () => {
    const parse = (count: number) => (): unknown => parseSafetensorsHeader(valid.subarray(0, count), valid.length, { where });
    expect(parse(20)).toThrow(/changed while it was read; expected \d+ bytes of header; found 20 bytes/);
    expect(parse(7)).toThrow(/changed while it was read; expected 8 bytes of header length; found 7/);
  });
});

describe('parseShardIndex', () => {
  it('gives the file of each tensor', () => {
    const text = '{"metadata": {"total_size": 12, "by": "x"},\n "weight_map": {"u": "a.safetensors", "w": "b.safetensors"}}\n';
    const index = parseShardIndex(utf8.encode(text), { where: 'i', files: ['b.safetensors', 'a.safetensors'] });
    expect([...index]).toEqual([
      ['u', 'a.safetensors'],
      ['w', 'b.safetensors'],
    ]);
  });

  it.each([
    '..\\a.safetensors',
    '/a.safetensors',
    'C:\\a.safetensors',
    'C:a.safetensors',
    '\\\\host\\share\\a.safetensors',
    '\\\\?\\a.safetensors',
    'a\0.safetensors',
    '%2e%2e%2fa.safetensors',
    'a/./b.safetensors',
    'sub/a.safetensors',
    'a.safetensors.',
    'a.safetensors ',
    'CON',
    'aux.safetensors',
    '.safetensors',
    '__proto__',
    '',
  ])('refuses the file name %j', (name) => {
    expect(mapped(name)).toThrow(DlaError);
  });

  it.each([
    ['no weight_map', '{}', /weight_map is missing/],
    ['another key', '{"weight_map":{},"x":{}}', /unknown key/],
    ['weight_map twice', '{"weight_map":{},"weight_map":{}}', /is there twice/],
    ['text behind it', '{"weight_map":{}} x', /text behind the index object/],
    ['a list in the metadata', '{"metadata":{"a":[]},"weight_map":{}}', /metadata "a"/],
  ])('refuses %s', (_, text, message) => {
    expect(shards(text)).toThrow(message);
  });
});
