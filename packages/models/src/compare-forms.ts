import { compile, type Device, mapTree, type Tensor, tensor, upload } from '@dla/core';
import type { LanguageModelConfig } from './config.js';
import { createState, type ForwardResult, forward, type ModelState, step } from './language-model.js';
import type { ModelParameters } from './mamba2/parameters.js';

export interface FormComparison {
  readonly tokens: number;
  /** Largest absolute difference of a logit, token by token against the parallel form. */
  readonly worstLogit: number;
  /** Slot decisions of all layers and heads, and how many of them differ; 0 where the policy decides nothing. */
  readonly decisions: number;
  readonly differing: number;
  readonly merges: number;
}

interface Readings {
  readonly logits: Float32Array;
  /** opened, then mergedAt, of each layer: [T, H] each. */
  readonly decisions: readonly { readonly opened: ArrayLike<number>; readonly mergedAt: ArrayLike<number> }[];
}

/**
 * Read one text by both forms, the parallel one at once and the recurrent one token by token, and compare logits and slot
 * decisions. On one device the decisions must be equal and the logits equal within rounding.
 */
export async function compareForms(
  config: LanguageModelConfig,
  parameters: ModelParameters,
  device: Device,
  ids: ArrayLike<number>,
): Promise<FormComparison> {
  const weights = mapTree(parameters, (leaf: Tensor) => upload(leaf, device)) as ModelParameters;
  const whole = await readWhole(config, weights, device, ids);
  const stepped = await readStepped(config, weights, device, ids);
  const comparison = { tokens: ids.length, worstLogit: 0, decisions: 0, differing: 0, merges: 0 };
  whole.logits.forEach((value, index) => {
    const difference = Math.abs(value - (stepped.logits[index] as number));
    // Written so that NaN counts as the worst.
    if (!(difference <= comparison.worstLogit)) comparison.worstLogit = difference;
  });
  whole.decisions.forEach((layer, index) => {
    for (const field of ['opened', 'mergedAt'] as const) {
      const other = stepped.decisions[index]?.[field] ?? [];
      for (let at = 0; at < layer[field].length; at++) {
        comparison.decisions++;
        if (layer[field][at] !== other[at]) comparison.differing++;
        if (field === 'mergedAt' && (layer[field][at] as number) >= 0) comparison.merges++;
      }
    }
  });
  return comparison;
}

async function readWhole(config: LanguageModelConfig, weights: ModelParameters, device: Device, ids: ArrayLike<number>): Promise<Readings> {
  const run = compile((values: ModelParameters, tokens: Tensor) => readable(forward(config, values, tokens)), { device, name: 'parallel form' });
  try {
    const result = await run(weights, tensor(Int32Array.from(ids), { shape: [1, ids.length] }));
    return await read(result);
  } finally {
    run.dispose();
  }
}

async function readStepped(config: LanguageModelConfig, weights: ModelParameters, device: Device, ids: ArrayLike<number>): Promise<Readings> {
  const run = compile(
    (values: ModelParameters, state: ModelState, tokens: Tensor) => {
      const result = step(config, values, state, tokens);
      return { ...readable(result), state: result.state };
    },
    { device, donate: [1], name: 'recurrent form' },
  );
  try {
    let state = createState(config);
    const pieces: Readings[] = [];
    for (let t = 0; t < ids.length; t++) {
      const result = await run(weights, state, tensor(Int32Array.of(ids[t] as number), { shape: [1, 1] }));
      state = result.state;
      pieces.push(await read(result));
    }
    mapTree(state, (leaf: Tensor) => leaf.dispose());
    return joined(pieces);
  } finally {
    run.dispose();
  }
}

type Readable = { logits: Tensor; decided: { opened: Tensor; mergedAt: Tensor }[] };

function readable({ logits, segmentations }: ForwardResult): Readable {
  return { logits, decided: segmentations.flatMap((made) => (made === undefined ? [] : [{ opened: made.opened, mergedAt: made.mergedAt }])) };
}

async function read({ logits, decided }: Readable): Promise<Readings> {
  const values = (await logits.data()) as Float32Array;
  const decisions = await Promise.all(
    decided.map(async ({ opened, mergedAt }) => ({ opened: await opened.data(), mergedAt: await mergedAt.data() })),
  );
  for (const value of [logits, ...decided.flatMap(({ opened, mergedAt }) => [opened, mergedAt])]) value.dispose();
  return { logits: values, decisions };
}

function joined(pieces: readonly Readings[]): Readings {
  const flat = (select: (piece: Readings) => ArrayLike<number>): number[] => pieces.flatMap((piece) => Array.from(select(piece)));
  const layers = pieces[0]?.decisions.length ?? 0;
  return {
    logits: Float32Array.from(flat(({ logits }) => logits)),
    decisions: Array.from({ length: layers }, (_, layer) => ({
      opened: flat(({ decisions }) => decisions[layer]?.opened ?? []),
      mergedAt: flat(({ decisions }) => decisions[layer]?.mergedAt ?? []),
    })),
  };
}
