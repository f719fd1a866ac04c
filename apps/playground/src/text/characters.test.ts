import { describe, expect, it } from 'vitest';
import { CharacterStream, characterAt, excerpt } from './characters.js';

const bytes = (text: string): number[] => [...new TextEncoder().encode(text)];

function shown(ids: readonly number[], step = 1): string {
  const stream = new CharacterStream();
  for (let at = 0; at < ids.length; at += step) stream.push(ids.slice(at, at + step));
  return stream.characters.map(({ text, kind }) => (kind === 'byte' ? `<${text}>` : text)).join('');
}

describe('CharacterStream', () => {
  it('shows a character once its last byte is there', () => {
    const stream = new CharacterStream();
    const seen = bytes('a€').map((id) => {
      stream.push([id]);
      return stream.characters.map(({ text }) => text);
    });
    expect(seen).toEqual([['a'], ['a', 'E2'], ['a', 'E2', '82'], ['a', '€']]);
    expect(stream.characters[1]).toEqual({ start: 1, end: 4, text: '€', kind: 'text' });
    expect(stream.length).toBe(4);
  });

  it('gives any split the same characters', () => {
    const text = 'Größe\n— 鯨 🐋 \ufeff<img src=x onerror=alert(1)>';
    for (const step of [1, 2, 3, 64]) expect(shown(bytes(text), step)).toBe(text);
  });

  it('shows what is not UTF-8 and control characters by their codes', () => {
    for (const step of [1, 2, 5])
      expect(shown([0x41, 0xff, 0x80, 0x42, 0xe2, 0x41, 0xf0, 0x9f, 0x41, 0x00, 0x7f, 0xc0, 0xaf], step)).toBe(
        'A<FF><80>B<E2>A<F0><9F>A<00><7F><C0><AF>',
      );
  });

  it('covers every token exactly once', () => {
    const ids = Array.from({ length: 600 }, (_, index) => (index * 89 + 7 * (index >> 3)) % 256);
    const stream = new CharacterStream();
    for (let at = 0; at < ids.length; at += 7) stream.push(ids.slice(at, at + 7));
    let next = 0;
    for (const { start, end } of stream.characters) {
      expect(start).toBe(next);
      next = end;
    }
    expect(next).toBe(600);
  });

  it('knows newlines', () => {
    const stream = new CharacterStream();
    stream.push(bytes('a\nb'));
    expect(stream.characters.map(({ kind }) => kind)).toEqual(['text', 'newline', 'text']);
  });
});

describe('excerpt', () => {
  const stream = new CharacterStream();
  stream.push(bytes('Say “aye”.\nThen go.'));

  it('finds characters by token', () => {
    const quote = stream.characters.findIndex(({ text }) => text === '“');
    expect([4, 5, 6].map((token) => characterAt(stream.characters, token))).toEqual([quote, quote, quote]);
    expect(characterAt(stream.characters, 99)).toBe(-1);
  });

  it('is one line and cut in the middle', () => {
    expect(excerpt(stream.characters, 0, 22)).toBe('Say “aye”.↵Then go.');
    expect(excerpt(stream.characters, 0, 22, 9)).toBe('Say … go.');
    expect(excerpt(stream.characters, 0, 99)).toBe('');
  });
});
