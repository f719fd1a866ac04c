/** One shown character and the tokens (bytes) it is made of. */
export interface Character {
  /** Position of its first token. */
  readonly start: number;
  /** Position after its last token. */
  readonly end: number;
  readonly text: string;
  /** `byte`: no part of valid UTF-8, or a control character; shown by its code. */
  readonly kind: 'text' | 'newline' | 'byte';
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Turns a stream of byte tokens into characters; a character that is not whole yet shows as bytes until it is. */
export class CharacterStream {
  readonly #bytes: number[] = [];
  #characters: Character[] = [];
  /** Characters before this index will not change. */
  #settled = 0;

  get characters(): readonly Character[] {
    return this.#characters;
  }

  get length(): number {
    return this.#bytes.length;
  }

  push(ids: readonly number[]): void {
    this.#bytes.push(...ids);
    let start = this.#characters[this.#settled]?.start ?? this.#characters[this.#settled - 1]?.end ?? 0;
    this.#characters = this.#characters.slice(0, this.#settled);
    while (start < this.#bytes.length) {
      const { character, open } = this.#read(start);
      this.#characters.push(character);
      start = character.end;
      if (!open && this.#settled === this.#characters.length - 1) this.#settled++;
    }
  }

  /** The character at `start`; `open` if more bytes could still complete it. */
  #read(start: number): { character: Character; open: boolean } {
    const first = this.#bytes[start] as number;
    const wanted = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    const bytes = this.#bytes.slice(start, start + wanted);
    const text = decode(bytes);
    if (text === undefined || isControl(first)) {
      const open = bytes.length < wanted && bytes.slice(1).every((byte) => byte >> 6 === 2);
      return { character: { start, end: start + 1, text: first.toString(16).toUpperCase().padStart(2, '0'), kind: 'byte' }, open };
    }
    return { character: { start, end: start + wanted, text, kind: first === 0x0a ? 'newline' : 'text' }, open: false };
  }
}

function isControl(byte: number): boolean {
  return (byte < 0x20 && byte !== 0x0a && byte !== 0x09) || byte === 0x7f;
}

function decode(bytes: readonly number[]): string | undefined {
  try {
    return decoder.decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}

/** Index of the character that holds token `position`; -1 where there is none. */
export function characterAt(characters: readonly Character[], position: number): number {
  let low = 0;
  let high = characters.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const { start, end } = characters[middle] as Character;
    if (position < start) high = middle - 1;
    else if (position >= end) low = middle + 1;
    else return middle;
  }
  return -1;
}

/** Tokens [first, last] as one line for captions: newlines as arrows, long pieces cut in the middle. */
export function excerpt(characters: readonly Character[], first: number, last: number, most = 48): string {
  const from = characterAt(characters, first);
  const to = characterAt(characters, last);
  if (from < 0 || to < 0) return '';
  const shown = characters.slice(from, to + 1).map(({ text, kind }) => (kind === 'newline' ? '↵' : kind === 'byte' ? `⟨${text}⟩` : text));
  if (shown.length <= most) return shown.join('');
  const half = Math.floor((most - 1) / 2);
  return `${shown.slice(0, half).join('')}…${shown.slice(-half).join('')}`;
}
