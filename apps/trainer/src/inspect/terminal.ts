import { headOf, type MemoryMapData, mergeStatistics, type SlotRange, slotsAt } from './memory-map.js';

export interface TerminalOptions {
  /** 0-based. */
  readonly layer: number;
  readonly head: number;
  /** Columns of the terminal, at least 32; default 80. */
  readonly width?: number;
  /** ANSI colours; see `wantsColour`. Without, a bar marks where a slot starts. */
  readonly colour: boolean;
}

/** Readable on dark and on light: 256-colour backgrounds, each with black text. Neighbours differ. */
const backgrounds = [180, 151, 117, 183, 222, 152, 217, 189] as const;

/** Colours only on a terminal, and never with NO_COLOR set or a dumb one. */
export function wantsColour(output: { readonly isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): boolean {
  return output.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}

/** The text cut into the slots that one head holds at its end, a table of the slots, and what was merged. */
export function renderMemoryMap(data: MemoryMapData, options: TerminalOptions): string {
  const head = headOf(data, options.layer, options.head);
  const width = Math.max(32, options.width ?? 80);
  const statistics = mergeStatistics(head);
  const title = `Memory of layer ${options.layer}, head ${options.head}: policy ${data.policy}, tau ${data.tau}, capacity ${head.capacity}`;
  if (data.tokens.length === 0) return `${title}\n(no tokens)\n`;
  const slots = slotsAt(head, data.tokens.length - 1);
  const legend = options.colour ? 'Each colour is a slot; oldest first.' : 'A bar | starts a slot; oldest first.';
  const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`;
  const summary = `${count(statistics.tokens, 'token')}, ${statistics.opened} opened a slot, ${count(statistics.merged, 'merge')}, ${statistics.held} held; ${count(slots.length, 'slot')} now, the largest ${count(statistics.largest, 'token')}; mean score ${statistics.meanScore.toFixed(3)}`;
  return [
    ...wrap(title, width),
    ...wrap(legend, width),
    '',
    ...textLines(data, slots, width, options.colour),
    '',
    ...table(data, slots, width, options.colour),
    '',
    ...wrap(summary, width),
    '',
  ].join('\n');
}

function textLines(data: MemoryMapData, slots: readonly SlotRange[], width: number, colour: boolean): string[] {
  const lines: string[] = [];
  let line = '';
  let column = 0;
  const flush = (): void => {
    lines.push(line);
    line = '';
    column = 0;
  };
  slots.forEach((slot, index) => {
    const paint = (text: string): string => (colour ? painted(text, index) : text);
    if (!colour && index > 0) {
      if (column >= width) flush();
      line += '|';
      column++;
    }
    let run = '';
    const endRun = (): void => {
      if (run !== '') line += paint(run);
      run = '';
    };
    for (let token = slot.start; token < slot.end; token++)
      for (const character of data.tokens[token]?.text ?? '') {
        const shown = visible(character);
        if (column + columnsOf(shown) > width) {
          endRun();
          flush();
        }
        run += shown;
        column += columnsOf(shown);
        if (character === '\n') {
          endRun();
          flush();
        }
      }
    endRun();
  });
  if (line !== '') flush();
  return lines;
}

function table(data: MemoryMapData, slots: readonly SlotRange[], width: number, colour: boolean): string[] {
  const digits = String(data.tokens.length).length;
  const room = Math.max(4, width - 2 * digits - 16);
  return [
    `slot  ${'tokens'.padEnd(2 * digits + 1)}  ${'n'.padStart(digits)}  text`.slice(0, width),
    ...slots.map(({ start, end }, index) => {
      const name = String(index).padStart(4);
      const range = `${String(start).padStart(digits)}-${String(end - 1).padEnd(digits)}`.padEnd(6);
      const row = `${colour ? painted(name, index) : name}  ${range}  ${String(end - start).padStart(digits)}  `;
      return row + excerpt(data, start, end, room - digits + 2);
    }),
  ];
}

function excerpt(data: MemoryMapData, start: number, end: number, room: number): string {
  let text = '';
  let used = 0;
  for (let token = start; token < end; token++)
    for (const character of data.tokens[token]?.text ?? '') {
      const shown = visible(character);
      if (used + columnsOf(shown) > room - 1 && (token < end - 1 || used + columnsOf(shown) > room)) return `${text}…`;
      text += shown;
      used += columnsOf(shown);
    }
  return text;
}

function painted(text: string, slot: number): string {
  return `\u001b[38;5;16;48;5;${backgrounds[slot % backgrounds.length]}m${text}\u001b[0m`;
}

/** Control and direction-changing characters as a visible stand-in: a text must not steer the terminal. */
function visible(character: string): string {
  if (character === '\n') return '↵';
  if (character === '\t') return '→';
  return /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(character) ? '·' : character;
}

/** Terminal columns of one character: 0 for combining marks, 2 for wide scripts and emoji, else 1. */
function columnsOf(character: string): number {
  if (/\p{M}/u.test(character)) return 0;
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(character)
    ? 2
    : 1;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    if (last >= 0 && (lines[last] as string).length + 1 + word.length <= width) lines[last] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}
