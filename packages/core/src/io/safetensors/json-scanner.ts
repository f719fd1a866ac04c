import { formatError, quote } from './rules.js';

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SIMPLE_ESCAPES: ReadonlyMap<number, string> = new Map([
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
  [0x2f, '/'],
  [0x62, '\b'],
  [0x66, '\f'],
  [0x6e, '\n'],
  [0x72, '\r'],
  [0x74, '\t'],
]);

/** What a value is, for error messages; as a function where naming it costs. */
type What = string | (() => string);

/**
 * Reads JSON token by token from UTF-8 bytes, for callers that know which value must come next: so nothing unexpected is
 * built, nesting cannot go deeper than the caller's own calls, repeated keys are seen, and every length is checked before
 * its text is allocated. Every error is a `format` error that names the byte.
 */
export class JsonScanner {
  readonly #bytes: Uint8Array;
  readonly #where: string;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #position = 0;

  constructor(bytes: Uint8Array, where: string) {
    this.#bytes = bytes;
    this.#where = where;
  }

  get position(): number {
    return this.#position;
  }

  /** Skip JSON white space and say which byte comes next; undefined at the end. */
  #peek(): number | undefined {
    for (;;) {
      const byte = this.#bytes[this.#position];
      if (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
      this.#position++;
    }
  }

  /** What stands at the scanner, in words. */
  describe(): string {
    const byte = this.#peek();
    if (byte === undefined) return `the end at byte ${this.#position}`;
    const kinds: Record<string, string> = {
      '"': 'a string',
      '{': 'an object',
      '[': 'an array',
      t: 'true',
      f: 'false',
      n: 'null',
      '-': 'a negative number',
    };
    const character = String.fromCharCode(byte);
    const kind =
      kinds[character] ??
      (byte >= 0x30 && byte <= 0x39 ? 'a number' : byte > SPACE && byte < 0x7f ? `'${character}'` : `byte 0x${byte.toString(16)}`);
    return `${kind} at byte ${this.#position}`;
  }

  fail(what: What, expected: string): never {
    throw this.#error(what, expected, this.describe());
  }

  #error(what: What, expected: string, found: string): Error {
    return formatError(this.#where, text(what), expected, found);
  }

  /** Take a punctuation character, or throw. */
  expect(character: string, what: What): void {
    if (!this.take(character)) this.fail(what, `'${character}'`);
  }

  /** Take a punctuation character if it comes next. */
  take(character: string): boolean {
    if (this.#peek() !== character.charCodeAt(0)) return false;
    this.#position++;
    return true;
  }

  atString(): boolean {
    return this.#peek() === QUOTE;
  }

  /** An object: `member` is called behind each key and colon and must take the value. Repeated keys are the caller's to refuse. */
  object(what: What, keyBytes: number, member: (key: string) => void): void {
    this.expect('{', what);
    if (this.take('}')) return;
    do {
      const key = this.string(() => `${text(what)}: key`, keyBytes);
      this.expect(':', () => `${text(what)}: key ${quote(key)}`);
      member(key);
    } while (this.take(','));
    this.expect('}', () => `${text(what)}: end of object`);
  }

  /** Throw unless only spaces (or any white space) are left. */
  end(what: What, padding: 'spaces' | 'white space'): void {
    if (padding === 'white space') this.#peek();
    while (this.#bytes[this.#position] === SPACE) this.#position++;
    if (this.#position !== this.#bytes.length) this.fail(what, `only ${padding}`);
  }

  /** A whole number from 0 to 2^53 - 1, written without sign, fraction or exponent. */
  integer(what: What): number {
    const first = this.#peek();
    if (first === undefined || first < 0x30 || first > 0x39) this.fail(what, 'a whole number, 0 or more');
    const start = this.#position;
    let value = 0;
    for (;;) {
      const byte = this.#bytes[this.#position] ?? 0;
      if (byte < 0x30 || byte > 0x39) {
        if (byte === 0x2e || byte === 0x65 || byte === 0x45) throw this.#error(what, 'a whole number', `a fraction or exponent at byte ${start}`);
        break;
      }
      if (this.#position > start && first === 0x30) throw this.#error(what, 'a whole number', `a leading zero at byte ${start}`);
      value = value * 10 + (byte - 0x30);
      if (!Number.isSafeInteger(value)) throw this.#error(what, 'at most 2^53 - 1', `a larger number at byte ${start}`);
      this.#position++;
    }
    return value;
  }

  /** A string of at most `limit` UTF-8 bytes after its escapes are resolved. */
  string(what: What, limit: number): string {
    if (this.#peek() !== QUOTE) this.fail(what, 'a string');
    const opening = this.#position++;
    const parts: string[] = [];
    let start = this.#position;
    let room = limit;
    for (;;) {
      const byte = this.#bytes[this.#position];
      if (byte === undefined) throw this.#error(what, 'a closing quote', `the end, in a string from byte ${opening}`);
      if (byte === QUOTE) break;
      if (byte < SPACE) throw this.#error(what, 'no raw control character in a string', `byte 0x${byte.toString(16)} at byte ${this.#position}`);
      if (byte === BACKSLASH) {
        parts.push(this.#text(start, what));
        const character = this.#escape(what);
        room -= utf8Length(character);
        parts.push(character);
        start = this.#position;
      } else {
        this.#position++;
        room--;
      }
      if (room < 0) throw this.#error(what, `at most ${limit} bytes`, `a longer string from byte ${opening}`);
    }
    parts.push(this.#text(start, what));
    this.#position++;
    return parts.length === 1 ? (parts[0] as string) : parts.join('');
  }

  /** The text from `start` to the scanner. */
  #text(start: number, what: What): string {
    // Names and keys are short and mostly ASCII: faster than a view and the decoder.
    if (this.#position - start <= 32) {
      let ascii = '';
      let index = start;
      for (; index < this.#position; index++) {
        const byte = this.#bytes[index] as number;
        if (byte >= 0x80) break;
        ascii += String.fromCharCode(byte);
      }
      if (index === this.#position) return ascii;
    }
    try {
      return this.#decoder.decode(this.#bytes.subarray(start, this.#position));
    } catch {
      throw this.#error(what, 'UTF-8 text', `other bytes between ${start} and ${this.#position}`);
    }
  }

  /** The character of the escape at the scanner; a surrogate must come as a whole pair. */
  #escape(what: What): string {
    const at = this.#position++;
    const simple = SIMPLE_ESCAPES.get(this.#bytes[this.#position] ?? 0);
    if (simple !== undefined) {
      this.#position++;
      return simple;
    }
    const unit = this.#unicodeUnit();
    if (unit !== undefined && (unit < 0xd800 || unit > 0xdfff)) return String.fromCharCode(unit);
    if (unit !== undefined && unit < 0xdc00 && this.#bytes[this.#position] === BACKSLASH) {
      this.#position++;
      const low = this.#unicodeUnit();
      if (low !== undefined && low >= 0xdc00 && low <= 0xdfff) return String.fromCharCode(unit, low);
    }
    throw this.#error(what, 'a JSON escape', `another one at byte ${at}`);
  }

  /** The value of `uXXXX` at the scanner, or undefined. */
  #unicodeUnit(): number | undefined {
    if (this.#bytes[this.#position] !== 0x75) return undefined;
    let value = 0;
    for (let digit = 1; digit <= 4; digit++) {
      const nibble = hexValue(this.#bytes[this.#position + digit] ?? 0);
      if (nibble < 0) return undefined;
      value = value * 16 + nibble;
    }
    this.#position += 5;
    return value;
  }
}

function text(what: What): string {
  return typeof what === 'string' ? what : what();
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function utf8Length(character: string): number {
  if (character.length === 2) return 4;
  const unit = character.charCodeAt(0);
  return unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
}
