import { type Compiled, compile, createStream, type Device, DlaError, flatten, mapTree, type Tensor, tensor, upload } from '@dla/core';
import type { LanguageModelConfig } from './config.js';
import { createState, lastLogits, type ModelState, step } from './language-model.js';
import type { ModelParameters } from './mamba2/parameters.js';
import { type SamplingOptions, sample } from './sampling.js';

/** What one layer's slot policy decided for a piece of T tokens, per head: arrays [T * heads], time-major. */
export interface LayerDecisions {
  readonly heads: number;
  /** State information score I_t. */
  readonly score: Float32Array;
  /** 1 where the token opened a slot. */
  readonly opened: Uint32Array;
  /** Index from the oldest of the older slot of the pair merged just before; -1 none, -2 held. */
  readonly mergedAt: Int32Array;
}

export interface GenerateOptions extends SamplingOptions {
  /** Token ids; at least one. */
  readonly prompt: readonly number[];
  /** Most tokens to write; default 256. */
  readonly maxTokens?: number;
  /** Seed of the sampling stream; default 0. */
  readonly seed?: number;
  /** Stop after this token id. */
  readonly stopToken?: number;
  /** Report slot decisions with every token; costs a readback of them. Default false. */
  readonly trace?: boolean;
  readonly signal?: AbortSignal;
}

export interface GeneratedPiece {
  /** `prompt` pieces come first, with the ids read; then one `token` a step. */
  readonly kind: 'prompt' | 'token';
  readonly ids: readonly number[];
  /** Position of the first id in the stream. */
  readonly position: number;
  /** Natural log of the sampled token's probability under the unmodified distribution; `token` pieces only. */
  readonly logprob?: number;
  /** With `trace`: decisions for these ids, one entry a layer. The last sampled token was not read back into the memory and has none. */
  readonly decisions?: readonly (LayerDecisions | undefined)[];
}

/** Tokens read at a time while the prompt is read; a multiple of the scoring grid. */
const prefillLength = 64;

interface StepOutput {
  logits: Tensor;
  state: ModelState;
  decisions: ({ score: Tensor; opened: Tensor; mergedAt: Tensor } | undefined)[];
}

/** Streaming generation with constant memory: the prompt is read and tokens are written by the recurrent form, one compiled step each. */
export class Generator {
  readonly #config: LanguageModelConfig;
  readonly #device: Device;
  readonly #parameters: ModelParameters;
  readonly #step: Compiled<[ModelParameters, ModelState, Tensor], StepOutput>;
  #busy = false;

  /** Uploads the weights once; call {@link Generator.dispose} to free them. */
  constructor(config: LanguageModelConfig, parameters: ModelParameters, device: Device) {
    this.#config = config;
    this.#device = device;
    this.#parameters = mapTree(parameters, (value: Tensor) => upload(value, device)) as ModelParameters;
    this.#step = compile(
      (weights: ModelParameters, state: ModelState, tokens: Tensor): StepOutput => {
        const result = step(config, weights, state, tokens);
        return {
          logits: lastLogits(result.logits),
          state: result.state,
          decisions: result.segmentations.map((made) =>
            made === undefined ? undefined : { score: made.score, opened: made.opened, mergedAt: made.mergedAt },
          ),
        };
      },
      { device, donate: [1], name: 'decode step' },
    );
  }

  /** Bytes of recurrent state for one sequence: slots, bookkeeping, convolution. Constant over time. */
  get stateBytes(): number {
    return flatten<Tensor>(createState(this.#config)).leaves.reduce((sum, leaf) => sum + leaf.size * 4, 0);
  }

  summary(): ReturnType<Compiled<[], unknown>['summary']> {
    return this.#step.summary();
  }

  /**
   * Read the prompt, then sample until `maxTokens`, `stopToken` or the signal.
   *
   * @throws DlaError `argument` for an empty prompt, an id outside the vocabulary, options out of range or a second
   * generation at the same time; `aborted` when the signal fires.
   */
  async *generate(options: GenerateOptions): AsyncGenerator<GeneratedPiece> {
    const { prompt, maxTokens = 256, seed = 0, trace = false, signal } = options;
    this.#check(prompt, maxTokens);
    const random = createStream(seed, 'sampling');
    if (this.#busy) throw new DlaError('argument', 'one generation at a time: make another Generator for parallel ones', { where: 'generate' });
    this.#busy = true;
    let state: ModelState = mapTree(createState(this.#config), (value: Tensor) => upload(value, this.#device)) as ModelState;
    try {
      let position = 0;
      let logits: Float32Array = new Float32Array(0);
      const read = async (ids: readonly number[]): Promise<GeneratedPiece['decisions']> => {
        throwIfAborted(signal);
        const output = await this.#step(this.#parameters, state, tensor(Int32Array.from(ids), { shape: [1, ids.length] }));
        state = output.state;
        logits = (await output.logits.data()) as Float32Array;
        output.logits.dispose();
        const decisions = trace ? await readDecisions(output.decisions) : undefined;
        for (const made of output.decisions) for (const value of Object.values(made ?? {})) value.dispose();
        position += ids.length;
        return decisions;
      };
      for (const ids of pieces(prompt)) {
        const start = position;
        const decisions = await read(ids);
        yield { kind: 'prompt', ids, position: start, ...(decisions === undefined ? {} : { decisions }) };
      }
      for (let written = 0; written < maxTokens; written++) {
        const { token, logprob } = sample(logits, options, random);
        const start = position;
        const last = written + 1 === maxTokens || token === options.stopToken;
        const decisions = last ? undefined : await read([token]);
        yield { kind: 'token', ids: [token], position: start, logprob, ...(decisions === undefined ? {} : { decisions }) };
        if (last) return;
      }
    } finally {
      for (const leaf of flatten<Tensor>(state).leaves) leaf.dispose();
      this.#busy = false;
    }
  }

  #check(prompt: readonly number[], maxTokens: number): void {
    if (prompt.length === 0) throw new DlaError('argument', 'the prompt is empty', { where: 'generate', expected: 'at least one token' });
    const wrong = prompt.find((id) => !Number.isInteger(id) || id < 0 || id >= this.#config.vocabularySize);
    if (wrong !== undefined)
      throw new DlaError('argument', 'a token id is outside the vocabulary', {
        where: 'generate',
        expected: `0..${this.#config.vocabularySize - 1}`,
        found: String(wrong),
      });
    if (!Number.isSafeInteger(maxTokens) || maxTokens < 0)
      throw new DlaError('argument', 'maxTokens is out of range', {
        where: 'generate',
        expected: 'an integer of at least 0',
        found: String(maxTokens),
      });
  }

  dispose(): void {
    this.#step.dispose();
    for (const leaf of flatten<Tensor>(this.#parameters).leaves) leaf.dispose();
  }
}

/** Pieces of the fixed prefill length, then single tokens: two signatures, so two compiled plans. */
function* pieces(prompt: readonly number[]): Iterable<readonly number[]> {
  let start = 0;
  for (; start + prefillLength <= prompt.length; start += prefillLength) yield prompt.slice(start, start + prefillLength);
  for (; start < prompt.length; start++) yield prompt.slice(start, start + 1);
}

type Iterable<T> = globalThis.Generator<T>;

async function readDecisions(decisions: StepOutput['decisions']): Promise<(LayerDecisions | undefined)[]> {
  return Promise.all(
    decisions.map(async (made) => {
      if (made === undefined) return undefined;
      const [score, opened, mergedAt] = await Promise.all([made.score.data(), made.opened.data(), made.mergedAt.data()]);
      return { heads: made.score.shape[2] as number, score: score as Float32Array, opened: opened as Uint32Array, mergedAt: mergedAt as Int32Array };
    }),
  );
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new DlaError('aborted', 'stopped by the caller', { where: 'generate' });
}
