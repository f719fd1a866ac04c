import { DlaError } from '@dla/core';
import { z } from 'zod';

/** A named host tensor; dtype in safetensors' words. */
export interface NamedTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

/** `writeSafetensors` of `@dla/core`. */
export type EncodeTensors<Entry extends NamedTensor> = (entries: readonly Entry[], metadata: Record<string, string>) => Uint8Array;

const stateSchema = z.strictObject({
  step: z.int().min(0),
  /** Seed of weights and data order. */
  seed: z.int().min(0),
  cursor: z.strictObject({ epoch: z.int().min(0), position: z.int().min(0) }),
  /** Digest of the training text: a resumed run says so when it reads another. */
  textSha256: z.string(),
  /** States of further random streams by name, as `RandomStream.state()` gives them. */
  random: z.record(z.string(), z.unknown()),
  /** Last values, such as `validationLoss`; null for one not measured yet. */
  metrics: z.record(z.string(), z.number().nullable()),
  versions: z.record(z.string(), z.string()),
  /** The whole config of the run. */
  config: z.record(z.string(), z.unknown()),
});

/** `state.json`: all that a resumed run needs besides weights and optimiser. */
export type RunState = z.output<typeof stateSchema>;

export interface CheckpointContents<Entry extends NamedTensor> {
  readonly weights: readonly Entry[];
  readonly optimiser: readonly Entry[];
  /** The model's config; `config.json` as `@dla/models` and the playground read it. */
  readonly model: unknown;
  readonly state: RunState;
}

/** The files of a checkpoint, copied and encoded at the call. */
export function encodeCheckpoint<Entry extends NamedTensor>(
  contents: CheckpointContents<Entry>,
  encode: EncodeTensors<Entry>,
): Map<string, Uint8Array> {
  const json = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
  return new Map([
    ['weights.safetensors', encode(contents.weights, { format: 'dla', kind: 'weights' })],
    ['optimizer.safetensors', encode(contents.optimiser, { format: 'dla', kind: 'optimizer' })],
    ['config.json', json(contents.model)],
    ['state.json', json(stateSchema.parse(contents.state))],
  ]);
}

/** @throws DlaError `format` naming file and field. */
export function parseState(bytes: Uint8Array, where = 'state.json'): RunState {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new DlaError('format', 'not valid JSON', { where, cause });
  }
  const result = stateSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new DlaError('format', `${issue?.path.map(String).join('.') || 'the file'}: ${issue?.message ?? 'wrong'}`, { where });
}

/** A file of a checkpoint. @throws DlaError `format` if the checkpoint has none of that name. */
export function fileOf(files: ReadonlyMap<string, Uint8Array>, name: string, where: string): Uint8Array {
  const bytes = files.get(name);
  if (bytes === undefined) throw new DlaError('format', `has no ${name}`, { where });
  return bytes;
}
