import { createStream } from '@dla/core';
import { describe, expect, it } from 'vitest';
import { byteTokenizer, encodeBytes } from './byte.js';

const named: readonly (readonly [name: string, text: string])[] = [
  ['empty', ''],
  ['one byte', 'a'],
  ['spaces', '   \t\n'],
  ['NUL', 'a\0b'],
  ['byte order mark', '\ufeffx\ufeff'],
  ['right to left', '\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627'],
  ['joined emoji', '\u{1f469}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}'],
  ['combining flood', `e${'\u0301'.repeat(500)}`],
  ['special-token text', '<|endoftext|><s></s>'],
  ['last code point', '\u{10ffff}\uffff'],
];

describe('byteTokenizer', () => {
  for (const [name, text] of named)
    it(`round trip: ${name}`, () => {
      expect(byteTokenizer.decode(byteTokenizer.encode(text))).toBe(text);
      expect(byteTokenizer.decode(encodeBytes(text))).toBe(text);
    });

  it('10,000 random well-formed texts come back, also byte by byte', () => {
    const random = createStream(5, 'texts');
    const limits = [0x80, 0x800, 0xd800, 0x110000];
    for (let round = 0; round < 10_000; round++) {
      let text = '';
      for (let left = random.integer(8); left > 0; left--) {
        const point = random.integer(limits[random.integer(4)] as number);
        text += String.fromCodePoint(point >= 0xd800 && point < 0xe000 ? 0xfffd : point);
      }
      const ids = byteTokenizer.encode(text);
      if (byteTokenizer.decode(ids) !== text) expect.fail(JSON.stringify(text));
      const decoder = byteTokenizer.createDecoder();
      const streamed = ids.map((id) => decoder.push([id])).join('');
      if (streamed !== text || decoder.flush() !== '') expect.fail(`streamed ${JSON.stringify(text)}`);
    }
  });

  it('a streaming decoder waits for whole characters', () => {
    const decoder = byteTokenizer.createDecoder();
    const pieces = byteTokenizer.encode('a\u00e9\u{1f40b}!').map((id) => decoder.push([id]));
    expect(pieces).toEqual(['a', '', '\u00e9', '', '', '', '\u{1f40b}', '!']);
  });

  it('marks an unfinished end and invalid bytes with U+FFFD, then starts anew', () => {
    const decoder = byteTokenizer.createDecoder();
    expect(decoder.push([0xf0, 0x9f])).toBe('');
    expect(decoder.flush()).toBe('\ufffd');
    expect(decoder.push([0x41])).toBe('A');
    expect(byteTokenizer.decode([0x41, 0xff, 0xc0, 0x42])).toBe('A\ufffd\ufffdB');
  });

  it('refuses lone surrogates unless told to replace them', () => {
    for (const text of ['a\ud800', '\udc00b', '\ud800\ud800\udc00']) {
      expect(() => byteTokenizer.encode(text)).toThrow(
        /^byteTokenizer\.encode: a lone surrogate is no character; expected well-formed text; found U\+D[8C]00 at \d$/,
      );
      expect(byteTokenizer.decode(byteTokenizer.encode(text, { loneSurrogates: 'replace' }))).toContain('\ufffd');
    }
  });

  it('refuses ids that are no bytes', () => {
    for (const id of [256, -1, 1.5, Number.NaN]) expect(() => byteTokenizer.decode([65, id])).toThrow(`found ${id} at 1`);
  });
});
