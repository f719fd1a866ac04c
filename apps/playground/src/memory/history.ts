import { MergeLog } from '@dla/memory';
import { chooseColour } from './colours.js';
import type { HeadTrace } from './trace.js';

/**
 * The slots of one head at every time, for drawing: the merge log of `@dla/memory`, with the slots' starts kept for each
 * token, so that looking at a time costs nothing. A slot is named by its first token, which merges never change for the
 * older of the two, and neither its colour.
 */
export class HeadHistory {
  readonly #log = new MergeLog();
  readonly #starts: (readonly number[])[] = [];
  readonly #merges = new Map<number, number>();
  readonly #held = new Set<number>();
  readonly #colours = new Map<number, number>();
  readonly #scores: number[] = [];
  /** Slots opened up to each token. */
  readonly #openings: number[] = [];
  readonly #merged: number[] = [];

  /** Tokens recorded. */
  get length(): number {
    return this.#log.time;
  }

  /** Record the next tokens. */
  extend({ score, opened, mergedAt }: HeadTrace): void {
    for (let index = 0; index < score.length; index++) {
      const seen = this.#log.events.length;
      this.#log.append(opened[index] === 1, mergedAt[index] as number);
      let starts = this.#starts.at(-1) ?? [];
      for (const event of this.#log.events.slice(seen)) {
        if (event.kind === 'merge') {
          starts = starts.filter((start) => start !== event.younger.start);
          this.#merges.set(event.time, event.index);
        } else if (event.kind === 'open') {
          this.#colours.set(event.time, chooseColour(starts.map((start) => this.colourOf(start))));
          starts = [...starts, event.time];
        } else this.#held.add(event.time);
      }
      this.#starts.push(starts);
      this.#scores.push(score[index] as number);
      this.#openings.push(this.#log.opened);
      this.#merged.push(this.#log.merges);
    }
  }

  /** First tokens of the slots after token `time`, oldest first. */
  startsAt(time: number): readonly number[] {
    return this.#starts[time] ?? [];
  }

  /** Place (0 = oldest) of the slot that holds `token` after token `time`; -1 if it is not read by then. */
  slotOf(token: number, time: number): number {
    return token > time ? -1 : this.startsAt(time).findLastIndex((start) => start <= token);
  }

  /** Palette index of the slot whose first token this is. */
  colourOf(start: number): number {
    return this.#colours.get(start) ?? 0;
  }

  score(time: number): number {
    return this.#scores[time] ?? 0;
  }

  opened(time: number): boolean {
    return this.#colours.has(time);
  }

  /** Place of the older slot of the pair that merged before this token opened its slot; -1 if none did. */
  merge(time: number): number {
    return this.#merges.get(time) ?? -1;
  }

  /** The token asked for a slot, but none was free and no pair may merge. */
  held(time: number): boolean {
    return this.#held.has(time);
  }

  /** Slots opened up to and with this token. */
  openings(time: number): number {
    return this.#openings[time] ?? 0;
  }

  merges(time: number): number {
    return this.#merged[time] ?? 0;
  }
}
