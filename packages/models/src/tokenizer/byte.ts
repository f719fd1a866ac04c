import { DlaError } from '@dla/core';

export interface EncodeOptions {
  /** What to do with a UTF-16 surrogate that has no partner, which UTF-8 cannot hold; default `error`. */
  readonly loneSurrogates?: 'error' | 'replace';
}

/** Turns bytes into text as they come; see {@link byteTokenizer.createDecoder}. */
export interface StreamDecoder {
  /** The characters that these ids complete; the bytes of an unfinished character wait for the next call. */
  push(ids: readonly number[] | Uint8Array): string;
  /** What is left at the end: one U+FFFD for an unfinished character, else nothing. The decoder starts anew. */
  flush(): string;
}

/** Text as its UTF-8 bytes: token id = byte, a vocabulary of 256 ids without special tokens. */
export const byteTokenizer = {
  vocabularySize: 256,

  /**
   * UTF-8 bytes of a text as token ids.
   *
   * @throws DlaError `argument` for a lone surrogate, unless `loneSurrogates: 'replace'` turns each into U+FFFD.
   */
  encode(text: string, options: EncodeOptions = {}): number[] {
    return Array.from(encodeBytes(text, options));
  },

  /** The text of ids. `decode(encode(text)) === text`; each invalid or cut UTF-8 sequence becomes U+FFFD. */
  decode(ids: readonly number[] | Uint8Array): string {
    const decoder = createDecoder();
    return decoder.push(ids) + decoder.flush();
  },

  /** A decoder for tokens that arrive one by one: it never emits part of a character. */
  createDecoder(): StreamDecoder {
    return createDecoder();
  },
} as const;

/** The UTF-8 bytes of a text in compact form, for corpora; errors as {@link byteTokenizer.encode}. */
export function encodeBytes(text: string, options: EncodeOptions = {}): Uint8Array {
  if ((options.loneSurrogates ?? 'error') === 'error') {
    const at = text.search(/\p{Surrogate}/u);
    if (at >= 0)
      throw new DlaError('argument', 'a lone surrogate is no character', {
        where: 'byteTokenizer.encode',
        expected: 'well-formed text',
        found: `U+${text.charCodeAt(at).toString(16).toUpperCase()} at ${at}`,
      });
  }
  return new TextEncoder().encode(text);
}

function createDecoder(): StreamDecoder {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    push: (ids) => decoder.decode(toBytes(ids), { stream: true }),
    flush: () => decoder.decode(),
  };
}

function toBytes(ids: readonly number[] | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(ids.length);
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    bytes[i] = id;
    if (bytes[i] !== id)
      throw new DlaError('argument', 'not a byte', { where: 'byteTokenizer.decode', expected: 'an integer in [0, 255]', found: `${id} at ${i}` });
  }
  return bytes;
}
