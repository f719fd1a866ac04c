import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type MemoryMapData, type MemoryMapHead, mergeStatistics, slotsAt } from './memory-map.js';
import { renderMemoryPage } from './page.js';
import { renderMemoryMap, wantsColour } from './terminal.js';

const head: MemoryMapHead = {
  opened: [true, false, true, true, false, true],
  score: [1.41, 0.2, 1.3, 0.9, 0.5, 1.1],
  death: [-1, -1, 5, -1, -1, -1],
  capacity: 3,
  log: [
    { time: 0, kind: 'open' },
    { time: 2, kind: 'open' },
    { time: 3, kind: 'open' },
    { time: 5, kind: 'merge' },
    { time: 5, kind: 'open' },
  ],
};
const mapOf = (texts: readonly string[], heads: readonly MemoryMapHead[] = [head]): MemoryMapData => ({
  tokens: texts.map((text, id) => ({ text, id })),
  layers: [{ heads }],
  tau: 0.6,
  policy: 'dla',
});
const data = mapOf(['a', 'b', 'c', 'd', 'e', 'f']);
// biome-ignore lint/suspicious/noControlCharactersInRegex: strips the colours
const plain = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, '');

describe('slots', () => {
  it('follow from births and deaths at any time', () => {
    const at = (time: number): string =>
      slotsAt(head, time)
        .map(({ start, end }) => `${start}-${end}`)
        .join(' ');
    expect([at(0), at(1), at(2), at(4), at(5)]).toEqual(['0-1', '0-2', '0-2 2-3', '0-2 2-3 3-5', '0-3 3-5 5-6']);
    expect(mergeStatistics(head)).toMatchObject({ tokens: 6, opened: 4, merged: 1, held: 0, slots: 3, largest: 3 });
  });
});

describe('terminal', () => {
  it('without colour marks slots with bars', () => {
    const text = renderMemoryMap(data, { layer: 0, head: 0, colour: false });
    expect(text).toContain('\nabc|de|f\n');
    expect(text).toMatch(/ {3}0 {2}0-2 .*3 {2}abc\n/);
    expect(text).toContain('6 tokens, 4 opened a slot, 1 merge, 0 held');
    expect(text).not.toContain('\u001b');
  });
  it('with colour paints each slot', () => {
    const text = renderMemoryMap(data, { layer: 0, head: 0, colour: true });
    expect(text).toContain('\u001b[38;5;16;48;5;180mabc\u001b[0m\u001b[38;5;16;48;5;151mde\u001b[0m');
    expect(plain(text)).toContain('\nabcdef\n');
  });
  it.each([32, 37, 80, 200])('keeps to %i columns', (width) => {
    const length = 500;
    const long: MemoryMapHead = {
      opened: Array(length).fill(true),
      score: Array(length).fill(1),
      death: Array.from({ length }, (_, p) => (p % 9 === 0 ? -1 : p + 1)),
      capacity: 60,
      log: [],
    };
    const text = renderMemoryMap(
      mapOf(
        Array.from({ length }, (_, index) => (index % 11 === 0 ? '\n' : index % 7 === 0 ? '漢' : 'x')),
        [long],
      ),
      { layer: 0, head: 0, width, colour: true },
    );
    for (const line of plain(text).split('\n'))
      expect([...line].reduce((sum, character) => sum + (character === '漢' ? 2 : 1), 0)).toBeLessThanOrEqual(width);
  });
  it('shows control characters as dots, and names a wrong head', () => {
    const text = renderMemoryMap(mapOf(['\u001b', '[2J', '\u202e', '\r', 'ok', '\n']), { layer: 0, head: 0, colour: false });
    expect(text).toContain('·[2J·|·ok|↵');
    expect(() => renderMemoryMap(data, { layer: 1, head: 0, colour: false })).toThrow('--layer: no such layer; expected 0 to 0; found 1');
    expect(() => renderMemoryMap(data, { layer: 0, head: 4, colour: false })).toThrow('--head: no such head; expected 0 to 0; found 4');
  });
  it('colours only on a terminal without NO_COLOR', () => {
    expect([
      wantsColour({ isTTY: true }, {}),
      wantsColour({ isTTY: true }, { NO_COLOR: '1' }),
      wantsColour({}, {}),
      wantsColour({ isTTY: true }, { TERM: 'dumb' }),
    ]).toEqual([true, false, false, false]);
  });
});

describe('page', () => {
  const payload = '</script><script>alert(1)</script><img src=x onerror=alert(1)>';
  const page = renderMemoryPage(mapOf([payload, '<!--', '\u2028', '&', '"', "'"]), `Map of ${payload}`);
  it('holds the text as data only', () => {
    expect(page.match(/<script/g)?.length).toBe(2);
    expect(page).not.toContain('<img');
    expect(page).not.toContain('<!--');
    const json = /<script type="application\/json" id="data">(.*)<\/script>/.exec(page)![1]!;
    expect(JSON.parse(json).tokens[0].text).toBe(payload);
  });
  it('allows its own script and style by hash, and nothing else', () => {
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)![1]!;
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(policy).toBe(
      `default-src 'none'; script-src ${hash(/<script>([\s\S]*?)<\/script>/.exec(page)![1]!)}; style-src ${hash(/<style>([\s\S]*?)<\/style>/.exec(page)![1]!)}; base-uri 'none'; form-action 'none'`,
    );
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    expect(page).not.toMatch(/ style="| on\w+="|innerHTML|eval\(/);
  });
});
