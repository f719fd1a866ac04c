import { expect, it } from 'vitest';
import { readTar } from './unpack.js';

/** A ustar member with the given path, mode and text. */
function member(path: string, mode: string, text: string): Uint8Array {
  const bytes = new Uint8Array(512 + Math.ceil(text.length / 512) * 512);
  const put = (offset: number, value: string): void => bytes.set(new TextEncoder().encode(value), offset);
  put(0, path);
  put(100, mode);
  put(124, text.length.toString(8).padStart(11, '0'));
  put(156, path.endsWith('/') ? '5' : '0');
  put(512, text);
  return bytes;
}

const archive = (...members: Uint8Array[]): Uint8Array => Uint8Array.from([...members, new Uint8Array(1024)].flatMap((each) => [...each]));

it('reads files with their modes and skips folders', () => {
  const files = readTar(archive(member('lib/', '0000755', ''), member('lib/a.so', '0000755', 'x'.repeat(513)), member('b.json', '0000644', '{}')));
  expect(files.map((file) => [file.path, file.mode, file.data.length])).toEqual([
    ['lib/a.so', 0o755, 513],
    ['b.json', 0o644, 2],
  ]);
  expect(new TextDecoder().decode(files[1]!.data)).toBe('{}');
});

it.each(['../a', '/a', 'b/../../a'])('refuses %s', (path) => {
  expect(() => readTar(archive(member(path, '0000644', 'x')))).toThrow('outside the archive');
});

it('refuses a truncated archive', () => {
  expect(() => readTar(member('a', '0000644', 'x'.repeat(600)).subarray(0, 1000))).toThrow("tar: 'a' is truncated");
});
