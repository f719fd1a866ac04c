/** A slot's colour: a hue in degrees (OKLCH) in one of two tones. Lightness and chroma come from the theme. */
export interface SlotColour {
  readonly hue: number;
  readonly tone: 0 | 1;
}

const hues = 20;

/** The palette: 20 hues in two tones, so that 40 slots can live at once with a colour of their own. */
export const palette: readonly SlotColour[] = Array.from({ length: 2 * hues }, (_, index) => ({
  hue: (250 + (360 / hues) * (index % hues)) % 360,
  tone: index < hues ? 0 : 1,
}));

/** Distance on the colour circle in degrees, 0..180. */
export function hueDistance(a: number, b: number): number {
  const turn = Math.abs(a - b) % 360;
  return Math.min(turn, 360 - turn);
}

/** Neighbours a new slot should differ from most: it will stand beside them, and may merge up to the older ones. */
const weights = [1, 0.6, 0.35];

/**
 * Palette index for a slot that opens, given those of the live slots, oldest first: one that no live slot has (where there is
 * one), as far as can be from the newest three. A merged slot keeps the colour of its older part, so a colour belongs to the
 * slot's first token for life.
 */
export function chooseColour(live: readonly number[]): number {
  const taken = new Set(live);
  const recent = live.slice(-weights.length).reverse();
  let best = 0;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < palette.length; index++) {
    if (taken.has(index) && taken.size < palette.length) continue;
    const { hue, tone } = palette[index] as SlotColour;
    const score = recent.reduce((sum, other, place) => {
      const near = palette[other] as SlotColour;
      const distance = Math.min(hueDistance(hue, near.hue), 100) + (tone === near.tone ? 0 : 8);
      return sum + (weights[place] as number) * distance;
    }, 0);
    if (score > bestScore + 1e-9) {
      best = index;
      bestScore = score;
    }
  }
  return best;
}
