import { DlaError } from '@dla/core';
import type { MergeRule, PolicyName } from '@dla/memory';

/** The memory of every layer: which slot policy, and its options. */
export interface MemoryConfig {
  /** Slot policy; default `dla`. */
  readonly policy: PolicyName;
  /** Most slots a head may hold, M; default 30. For `fenwick` the number of levels follows from `maxLength`, for `single` it is 1. */
  readonly capacity: number;
  /** Score from which a token opens a slot (`dla`); default 0.6. */
  readonly tau: number;
  /** Which adjacent pair merges at capacity (`dla`); default `density`. */
  readonly merge: MergeRule;
  /** Tokens in a slot (`fixed`); default 16. */
  readonly blockLength: number;
  /** Longest sequence in tokens that `fenwick` can address; default 4096. Other policies have no such limit. */
  readonly maxLength: number;
}

/** A Mamba-2 language model. Field names are those of the config file. */
export interface LanguageModelConfig {
  readonly backbone: 'mamba2';
  readonly vocabularySize: number;
  readonly dModel: number;
  readonly layers: number;
  /** Value width V of a head; `expand * dModel` must be a multiple of it. */
  readonly headDim: number;
  /** Key width K of a head. */
  readonly stateSize: number;
  /** Inner width over model width. */
  readonly expand: number;
  /** Heads share keys and queries in this many groups. */
  readonly groups: number;
  /** Taps of the causal convolution. */
  readonly convWidth: number;
  /** Width of the SwiGLU MLP over model width; 0 for none. */
  readonly mlpRatio: number;
  /** The output projection is the embedding. */
  readonly tieEmbeddings: boolean;
  readonly normEpsilon: number;
  readonly memory: MemoryConfig;
}

export const defaultMemory: MemoryConfig = { policy: 'dla', capacity: 30, tau: 0.6, merge: 'density', blockLength: 16, maxLength: 4096 };

export const defaultConfig: LanguageModelConfig = {
  backbone: 'mamba2',
  vocabularySize: 256,
  dModel: 128,
  layers: 2,
  headDim: 64,
  stateSize: 32,
  expand: 2,
  groups: 1,
  convWidth: 4,
  mlpRatio: 0,
  tieEmbeddings: false,
  normEpsilon: 1e-5,
  memory: defaultMemory,
};

/** Sizes that follow from a config. */
export interface ModelSizes {
  readonly inner: number;
  readonly heads: number;
  /** Channels of the convolution: values, keys, queries. */
  readonly convChannels: number;
  /** Rows of the input projection: gate, convolution channels, one dt a head. */
  readonly projected: number;
  readonly mlpWidth: number;
}

export function sizesOf(config: LanguageModelConfig): ModelSizes {
  const inner = config.expand * config.dModel;
  const heads = inner / config.headDim;
  const convChannels = inner + 2 * config.groups * config.stateSize;
  return { inner, heads, convChannels, projected: inner + convChannels + heads, mlpWidth: Math.round(config.mlpRatio * config.dModel) };
}

const integerFields = ['vocabularySize', 'dModel', 'layers', 'headDim', 'stateSize', 'groups', 'convWidth'] as const;
const memoryIntegers = ['capacity', 'blockLength', 'maxLength'] as const;
const policies: readonly PolicyName[] = ['single', 'fixed', 'fenwick', 'dla'];
const mergeRules: readonly MergeRule[] = ['density', 'weakest', 'oldest'];

/**
 * Check a config read from outside (a checkpoint's config.json) field by field; absent fields take their defaults.
 *
 * @throws DlaError `format` that names the field, what was expected and what was found.
 */
export function parseConfig(value: unknown, where = 'config.json'): LanguageModelConfig {
  const fields = objectOf(value, where);
  const memory = Object.hasOwn(fields, 'memory') ? objectOf(fields.memory, `${where}: memory`) : {};
  for (const key of Object.keys(fields))
    if (!Object.hasOwn(defaultConfig, key)) throw new DlaError('format', `unknown field ${shown(key)}`, { where });
  for (const key of Object.keys(memory))
    if (!Object.hasOwn(defaultMemory, key)) throw new DlaError('format', `unknown field ${shown(`memory.${key}`)}`, { where });
  const field = <K extends keyof LanguageModelConfig>(key: K): unknown => (Object.hasOwn(fields, key) ? fields[key] : defaultConfig[key]);
  const memoryField = <K extends keyof MemoryConfig>(key: K): unknown => (Object.hasOwn(memory, key) ? memory[key] : defaultMemory[key]);
  const integers = Object.fromEntries(integerFields.map((key) => [key, positiveInteger(field(key), key, where)])) as Record<
    (typeof integerFields)[number],
    number
  >;
  const slots = Object.fromEntries(memoryIntegers.map((key) => [key, positiveInteger(memoryField(key), `memory.${key}`, where)])) as Record<
    (typeof memoryIntegers)[number],
    number
  >;
  const config: LanguageModelConfig = {
    backbone: oneOf(field('backbone'), ['mamba2'], 'backbone', where),
    ...integers,
    expand: finite(field('expand'), 'expand', where, 0.125, 64),
    mlpRatio: finite(field('mlpRatio'), 'mlpRatio', where, 0, 64),
    tieEmbeddings: oneOf(field('tieEmbeddings'), [true, false], 'tieEmbeddings', where),
    normEpsilon: finite(field('normEpsilon'), 'normEpsilon', where, 1e-12, 1),
    memory: {
      policy: oneOf(memoryField('policy'), policies, 'memory.policy', where),
      merge: oneOf(memoryField('merge'), mergeRules, 'memory.merge', where),
      tau: finite(memoryField('tau'), 'memory.tau', where, 0, 10),
      ...slots,
    },
  };
  checkDivisibility(config, where);
  return config;
}

function checkDivisibility(config: LanguageModelConfig, where: string): void {
  const { inner, heads } = sizesOf(config);
  if (!Number.isInteger(heads))
    throw new DlaError('format', 'expand * dModel must be a multiple of headDim', {
      where,
      expected: `a multiple of ${config.headDim}`,
      found: String(inner),
    });
  if (heads % config.groups !== 0)
    throw new DlaError('format', 'groups must divide the number of heads', {
      where,
      expected: `a divisor of ${heads}`,
      found: String(config.groups),
    });
}

function objectOf(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new DlaError('format', 'not an object', { where, found: shown(value) });
  return value as Record<string, unknown>;
}

/** A value from outside in few characters and one line, however long or deep it is. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function positiveInteger(value: unknown, key: string, where: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1 || value > 2 ** 31 - 1)
    throw new DlaError('format', `field "${key}" is wrong`, {
      where,
      expected: 'a positive integer below 2^31',
      found: shown(value),
    });
  return value;
}

function finite(value: unknown, key: string, where: string, low: number, high: number): number {
  if (typeof value !== 'number' || !(value >= low && value <= high))
    throw new DlaError('format', `field "${key}" is wrong`, {
      where,
      expected: `a number in [${low}, ${high}]`,
      found: shown(value),
    });
  return value;
}

function oneOf<T>(value: unknown, allowed: readonly T[], key: string, where: string): T {
  if (!allowed.includes(value as T))
    throw new DlaError('format', `field "${key}" is wrong`, {
      where,
      expected: allowed.map((item) => JSON.stringify(item)).join(', '),
      found: shown(value),
    });
  return value as T;
}
