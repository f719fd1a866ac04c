import { DlaError } from '../../errors.js';

/** Bytes of one element of each dtype that is written as whole bytes; the dtype names are the file format's. */
const elementBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
  C64: 8,
} as const;

/** A dtype as a safetensors file names it. */
export type SafetensorsDtype = keyof typeof elementBytes;

const dtypeSizes: ReadonlyMap<string, number> = new Map(Object.entries(elementBytes));

/** What a header may ask for, checked before anything of that size is allocated. */
export const safetensorsLimits = {
  /** 25 MB; the largest headers in use are a few MB. */
  headerBytes: 25_000_000,
  tensors: 100_000,
  rank: 8,
  /** UTF-8 bytes of a tensor name or a metadata key. */
  nameBytes: 512,
  /** UTF-8 bytes of all metadata keys and values together. */
  metadataBytes: 4_194_304,
} as const;

export function isSafetensorsDtype(name: string): name is SafetensorsDtype {
  return dtypeSizes.has(name);
}

/** Bytes of one element. */
export function safetensorsElementBytes(dtype: SafetensorsDtype): number {
  return elementBytes[dtype];
}

/** Bytes of a tensor, or undefined where the product leaves the safe integers. */
export function safetensorsBytes(dtype: SafetensorsDtype, shape: readonly number[]): number | undefined {
  let bytes: number = elementBytes[dtype];
  for (const size of shape) {
    if (size !== 0 && bytes > Number.MAX_SAFE_INTEGER / size) return undefined;
    bytes *= size;
  }
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

const reservedWords = [...Object.getOwnPropertyNames(Object.prototype), 'prototype'];
const reservedPart = new RegExp(`(^|\\.)(${reservedWords.join('|')})(\\.|$)`);
const pathStep = /(^|\/)\.{1,2}(\/|$)/;
// Control characters, line separators, byte-order mark, and the marks that reorder the text around them.
const invisible = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;
const everyInvisible = new RegExp(invisible, 'gu');
const loneSurrogate = /\p{Surrogate}/u;

/** Why a tensor name or metadata key is refused, or undefined. Length is checked apart, before the text is built. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (loneSurrogate.test(name)) return 'holds half of a surrogate pair';
  if (invisible.test(name)) return 'holds a control or text-direction character';
  if (name.includes('\\')) return 'holds a backslash';
  if (pathStep.test(name)) return 'has a path step';
  if (reservedPart.test(name)) return 'is reserved in JavaScript';
  return undefined;
}

/** Text from a file for a one-line message: quoted, unprintable characters escaped, cut at 80 characters. */
export function quote(text: string): string {
  const cut = text.length > 80 ? `${text.slice(0, 80)}...` : text;
  return JSON.stringify(cut).replace(everyInvisible, (character) => `\\u${(character.codePointAt(0) as number).toString(16).padStart(4, '0')}`);
}

/** A `format` error about a file. */
export function formatError(where: string, problem: string, expected?: string, found?: string): DlaError {
  return new DlaError('format', problem, { where, ...(expected === undefined ? {} : { expected }), ...(found === undefined ? {} : { found }) });
}
