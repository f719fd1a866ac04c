import type { HeadHistory } from '../memory/history.js';
import type { Character } from './characters.js';

/** How one character of the text is drawn at one time. */
export interface Mark {
  /** Palette index of the slot it lies in; -1 if it lies in none: not read yet, or the model has no slots to tell apart. */
  readonly colour: number;
  /** Place of that slot, 0 = oldest; -1 for none. */
  readonly slot: number;
  /** It holds the slot's first token. */
  readonly first: boolean;
  /** It lies in the newest slot. */
  readonly newest: boolean;
  /** Not in the memory at this time. */
  readonly unread: boolean;
}

const plain: Mark = { colour: -1, slot: -1, first: false, newest: false, unread: false };
const unread: Mark = { ...plain, unread: true };

/** Marks of all characters for the slots as they were after token `time`; `read` tokens are in the memory in all. */
export function markCharacters(characters: readonly Character[], history: HeadHistory, time: number, read: number): Mark[] {
  const decided = history.length > 0 && read > 0;
  const starts = decided && time >= 0 ? history.startsAt(time) : [];
  const colours = starts.map((start) => history.colourOf(start));
  let slot = -1;
  return characters.map(({ start, end }) => {
    if (start > time) return unread;
    if (!decided) return plain;
    while (slot + 1 < starts.length && (starts[slot + 1] as number) <= start) slot++;
    const next = starts[slot + 1];
    // A slot that begins inside a character made of several bytes is marked on that character.
    const first = starts[slot] === start || (next !== undefined && next < end);
    return { colour: colours[slot] ?? -1, slot, first, newest: slot === starts.length - 1, unread: false };
  });
}
