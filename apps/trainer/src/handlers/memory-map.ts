import { type MergeLog, mergeLogs } from '@dla/memory';
import { byteTokenizer, type GeneratedPiece, type LanguageModelConfig } from '@dla/models';
import type { MemoryMapData, MemoryMapHead } from '../inspect/memory-map.js';

interface HeadTrace {
  readonly opened: boolean[];
  readonly score: number[];
  readonly death: number[];
}

/** Collects the slot decisions of a stream, piece by piece, into what the memory map draws. */
export class MemoryMapRecorder {
  readonly #config: LanguageModelConfig;
  readonly #ids: number[] = [];
  readonly #traces: HeadTrace[][] = [];
  readonly #logs: MergeLog[][] = [];

  constructor(config: LanguageModelConfig) {
    this.#config = config;
  }

  /** Tokens recorded. */
  get time(): number {
    return this.#ids.length;
  }

  /** Merges of all heads and layers. */
  get merges(): number {
    return this.#logs.flat().reduce((sum, log) => sum + log.merges, 0);
  }

  /** Pieces without decisions (the last sampled token) are left out. */
  add({ ids, decisions }: GeneratedPiece): void {
    if (decisions === undefined) return;
    this.#ids.push(...ids);
    decisions.forEach((made, layer) => {
      if (made === undefined) return;
      const { heads, opened, mergedAt, score } = made;
      this.#logs[layer] = mergeLogs({ opened, mergedAt }, [1, ids.length, heads], this.#logs[layer]);
      this.#traces[layer] ??= Array.from({ length: heads }, () => ({ opened: [], score: [], death: [] }));
      for (let t = 0; t < ids.length; t++)
        this.#traces[layer].forEach((trace, head) => {
          trace.opened.push(opened[t * heads + head] === 1);
          trace.score.push(score[t * heads + head] as number);
          trace.death.push(-1);
        });
    });
  }

  /** Undefined where the policy decides nothing (`single`, `fenwick`): there is no map to draw. */
  data(): MemoryMapData | undefined {
    if (this.#traces.length === 0) return undefined;
    const { memory } = this.#config;
    return {
      tokens: this.#ids.map((id) => ({ id, text: byteTokenizer.decode([id]) })),
      layers: this.#traces.map((heads, layer) => ({
        heads: heads.map((trace, head) => this.#head(trace, (this.#logs[layer] as MergeLog[])[head] as MergeLog)),
      })),
      tau: memory.tau,
      policy: memory.policy,
    };
  }

  #head({ opened, score, death }: HeadTrace, log: MergeLog): MemoryMapHead {
    for (const event of log.events) if (event.kind === 'merge') death[event.younger.start] = event.time;
    return { opened, score, death, capacity: this.#config.memory.capacity, log: log.events.map(({ time, kind }) => ({ time, kind })) };
  }
}
