import { expect, it } from 'vitest';
import { HeadHistory } from '../memory/history.js';
import { CharacterStream } from './characters.js';
import { markCharacters } from './marks.js';

function charactersOf(text: string): CharacterStream['characters'] {
  const stream = new CharacterStream();
  stream.push([...new TextEncoder().encode(text)]);
  return stream.characters;
}

const history = new HeadHistory();
// Slots after token 5: [0, 2), [2, 4), [4, 6); token 6 opens after the first two merged.
history.extend({
  score: new Float32Array(7).fill(1),
  opened: Uint8Array.of(1, 0, 1, 0, 1, 0, 1),
  mergedAt: Int32Array.of(-1, -1, -1, -1, -1, -1, 0),
});

it('colours follow slots: after a merge the younger tokens take the older colour', () => {
  const before = markCharacters(charactersOf('abcdefgh'), history, 5, 7);
  const after = markCharacters(charactersOf('abcdefgh'), history, 6, 7);
  expect(before.map(({ slot }) => slot)).toEqual([0, 0, 1, 1, 2, 2, -1, -1]);
  expect(after.map(({ slot }) => slot)).toEqual([0, 0, 0, 0, 1, 1, 2, -1]);
  expect(before[2]!.colour).not.toBe(before[0]!.colour);
  expect(after[2]!.colour).toBe(before[0]!.colour);
  expect(after[4]!.colour).toBe(before[4]!.colour);
});

it('marks firsts, the newest slot and what is not read', () => {
  const marks = markCharacters(charactersOf('abcdefgh'), history, 5, 7);
  expect(marks.map(({ first }) => first)).toEqual([true, false, true, false, true, false, false, false]);
  expect(marks.map(({ newest }) => newest)).toEqual([false, false, false, false, true, true, false, false]);
  expect(marks.map(({ unread }) => unread)).toEqual([false, false, false, false, false, false, true, true]);
});

it('a slot that begins inside a character is marked on it', () => {
  const marks = markCharacters(charactersOf('a€bcd'), history, 6, 7);
  expect(marks.map(({ slot, first }) => [slot, first])).toEqual([
    [0, true],
    [0, false],
    [1, true],
    [1, false],
    [2, true],
  ]);
  const inside = markCharacters(charactersOf('€defg'), history, 5, 7);
  expect(inside.map(({ slot, first }) => [slot, first])).toEqual([
    [0, true],
    [1, false],
    [2, true],
    [2, false],
    [-1, false],
  ]);
});

it('leaves text plain where no slots can be told apart', () => {
  const marks = markCharacters(charactersOf('abc'), new HeadHistory(), 1, 2);
  expect(marks.map(({ colour, unread }) => [colour, unread])).toEqual([
    [-1, false],
    [-1, false],
    [-1, true],
  ]);
});
