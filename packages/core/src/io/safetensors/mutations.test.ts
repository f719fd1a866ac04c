import { expect, it } from 'vitest';
import { createStream, DlaError, type RandomStream, readSafetensors, type SafetensorsFile, writeSafetensors } from '../../index.js';

const long = process.env['DLA_LONG'] === '1';
const count = long ? 200_000 : 20_000;
const where = 'mutant.safetensors';
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** 24 tensors of all widths, metadata, and a header padded with spaces. */
function original(): Uint8Array {
  const entries = Array.from({ length: 24 }, (_, index) => {
    const shape = [index % 4, 1 + (index % 3)];
    const size = (shape[0] as number) * (shape[1] as number);
    const name = `layers.${index}.weight`;
    if (index % 3 === 0) return { name, dtype: 'F32', shape, data: new Float32Array(size).fill(index) } as const;
    if (index % 3 === 1) return { name, dtype: 'BF16', shape, data: new Uint16Array(size).fill(index) } as const;
    return { name, dtype: 'U8', shape, data: new Uint8Array(size).fill(index) } as const;
  });
  return writeSafetensors(entries, { format: 'dla', note: 'é "x"' });
}

const tokens: Uint8Array[] = [
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '-1',
  '0',
  '9',
  '99999999999',
  '1e9',
  '1.5',
  'null',
  '\\',
  '\\u0061',
  '__proto__',
  'F64',
  ' ',
  '\0',
  '[0,0]',
].map((text) => new TextEncoder().encode(text));

/** One to four random edits: bits, bytes, tokens, copies, cuts, and the length field moved along with the header in half the cases. */
function mutate(source: Uint8Array, stream: RandomStream): Uint8Array {
  const headerEnd = 8 + (source[0] as number) + 256 * (source[1] as number);
  let bytes = source.slice();
  for (let edit = 1 + stream.integer(4); edit > 0; edit--) {
    // Mostly in the header.
    const at = Math.min(stream.integer(10) === 0 ? stream.integer(source.length) : stream.integer(headerEnd), bytes.length);
    const before = bytes.length;
    switch (stream.integer(6)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << stream.integer(8));
        break;
      case 1:
        if (at < bytes.length) bytes[at] = stream.integer(256);
        break;
      case 2:
        bytes = spliced(bytes, at, stream.integer(3), tokens[stream.integer(tokens.length)] as Uint8Array);
        break;
      case 3:
        bytes = spliced(bytes, at, 1 + stream.integer(20), new Uint8Array(0));
        break;
      case 4:
        bytes = spliced(bytes, at, 0, bytes.slice(at, at + stream.integer(90)));
        break;
      default:
        if (stream.integer(8) === 0) bytes = bytes.slice(0, at);
    }
    if (at >= 8 && at < headerEnd && bytes.length > 8 && stream.integer(2) === 0) {
      const view = new DataView(bytes.buffer);
      view.setBigUint64(0, BigInt.asUintN(64, view.getBigUint64(0, true) + BigInt(bytes.length - before)), true);
    }
  }
  return bytes;
}

function spliced(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array<ArrayBuffer> {
  const rest = bytes.subarray(at + removed);
  const result = new Uint8Array(at + inserted.length + rest.length);
  result.set(bytes.subarray(0, at));
  result.set(inserted, at);
  result.set(rest, at + inserted.length);
  return result;
}

const widths = new Map(
  Object.entries({ BOOL: 1, U8: 1, I8: 1, U16: 2, I16: 2, F16: 2, BF16: 2, U32: 4, I32: 4, F32: 4, U64: 8, I64: 8, F64: 8, C64: 8 }),
);
const strings = /"(?:[^"\\]|\\.)*"/g;

/** What a file says by `JSON.parse` and the format's rules alone, or undefined; `repeated` where parsing merged keys. */
function lenient(bytes: Uint8Array): { content: Map<string, string>; repeated: boolean } | undefined {
  if (bytes.length < 10) return undefined;
  const length = new DataView(bytes.buffer).getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8)) return undefined;
  const end = 8 + Number(length);
  let text: string;
  let header: unknown;
  try {
    text = utf8.decode(bytes.subarray(8, end));
    header = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (bytes[8] !== 0x7b || typeof header !== 'object' || header === null) return undefined;
  const content = new Map<string, string>();
  const spans: [number, number][] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.values(value).every((text) => typeof text === 'string'))
        return undefined;
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = (value ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
    const width = widths.get(String(dtype));
    if (width === undefined || typeof dtype !== 'string' || !whole(shape) || !whole(offsets) || offsets.length !== 2) return undefined;
    const [from, to] = offsets as [number, number];
    if (shape.reduce((product, size) => product * size, width) !== to - from) return undefined;
    spans.push([from, to]);
    content.set(name, `${dtype} ${shape.join()} ${bytes.subarray(end + from, end + to).join()}`);
  }
  spans.sort(([a, b], [c, d]) => a - c || b - d);
  let covered = 0;
  for (const [from, to] of spans) {
    if (from !== covered) return undefined;
    covered = to;
  }
  return covered === bytes.length - end
    ? { content, repeated: text.match(strings)?.length !== JSON.stringify(header).match(strings)?.length }
    : undefined;
}

function whole(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

// The rules that JSON.parse and the plain format do not have.
const stricter =
  /unknown key|is reserved|control|backslash|path step|is empty|raw control|at most \d+ (bytes|numbers)|overlaps another|fraction or exponent|a JSON escape|only spaces|negative number/;

function attempt(bytes: Uint8Array): SafetensorsFile | DlaError {
  try {
    return readSafetensors(bytes, { where });
  } catch (error) {
    if (error instanceof DlaError) return error;
    throw error;
  }
}

it(`gives a verdict on ${count.toLocaleString('en')} mutations, the same as the plain rules plus the stricter ones`, {
  timeout: long ? 300_000 : 30_000,
}, () => {
  const source = original();
  const stream = createStream(20_26, 'safetensors mutations');
  let accepted = 0;
  let slowest = 0;
  for (let run = 0; run < count; run++) {
    const bytes = mutate(source, stream);
    const started = performance.now();
    const verdict = attempt(bytes);
    slowest = Math.max(slowest, performance.now() - started);
    const plain = lenient(bytes);
    if (verdict instanceof DlaError) {
      if (verdict.code !== 'format' || !/^mutant\.safetensors: [^\n\r]{1,400}$/.test(verdict.message))
        expect.fail(`run ${run}: ${verdict.code} ${verdict.message}`);
      if (plain?.repeated === false && !stricter.test(verdict.message)) expect.fail(`run ${run}: refused by no stricter rule: ${verdict.message}`);
    } else {
      accepted++;
      if (plain === undefined || plain.repeated) expect.fail(`run ${run}: accepted what the plain rules refuse`);
      const content = new Map([...verdict.tensors].map(([name, { dtype, shape, data }]) => [name, `${dtype} ${shape.join()} ${data.join()}`]));
      if (content.size !== plain.content.size || [...content].some(([name, text]) => plain.content.get(name) !== text))
        expect.fail(`run ${run}: other content than by the plain rules`);
    }
  }
  expect(accepted).toBeGreaterThan(count / 1000);
  expect(accepted).toBeLessThan(count / 2);
  expect(slowest).toBeLessThan(1000);
});
