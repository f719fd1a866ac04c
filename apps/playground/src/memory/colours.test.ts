import { describe, expect, it } from 'vitest';
import { chooseColour, hueDistance, palette } from './colours.js';

const apart = (a: number, b: number): number => hueDistance(palette[a]!.hue, palette[b]!.hue);

describe('hueDistance', () => {
  it('goes the short way round', () => {
    expect(hueDistance(350, 10)).toBe(20);
    expect(hueDistance(10, 350)).toBe(20);
    expect(hueDistance(0, 180)).toBe(180);
  });
});

describe('chooseColour', () => {
  it('gives every slot of a full memory of 30 a colour of its own, whatever merges', () => {
    const live: number[] = [];
    for (let time = 0; time < 400; time++) {
      if (live.length === 30) live.splice(1 + ((time * 7) % 29), 1);
      live.push(chooseColour(live));
      expect(new Set(live).size).toBe(live.length);
    }
  });

  it('keeps a new slot well apart from the newest slot', () => {
    const live: number[] = [];
    for (let time = 0; time < 200; time++) {
      if (live.length === 30) live.splice(1, 1);
      const colour = chooseColour(live);
      if (live.length > 0) expect(apart(colour, live.at(-1)!)).toBeGreaterThanOrEqual(36);
      live.push(colour);
    }
  });

  it('repeats colours only when more slots live than there are colours', () => {
    const live: number[] = [];
    for (let slot = 0; slot < 60; slot++) live.push(chooseColour(live));
    expect(new Set(live.slice(0, palette.length)).size).toBe(palette.length);
    for (let slot = 1; slot < live.length; slot++) expect(live[slot]).not.toBe(live[slot - 1]);
  });

  it('depends on the live slots alone', () => {
    expect(chooseColour([3, 8, 1])).toBe(chooseColour([3, 8, 1]));
    expect(chooseColour([])).toBe(0);
  });
});
