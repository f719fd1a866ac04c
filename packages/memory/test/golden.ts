import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TypedArray } from '@dla/core';
import type { HostValue } from './run.js';

export interface Golden {
  readonly metadata: Readonly<Record<string, string>>;
  /** A tensor of the file; throws where there is none. */
  get(name: string): HostValue;
}

interface Entry {
  readonly dtype: 'F32' | 'I32';
  readonly shape: number[];
  readonly data_offsets: [number, number];
}

/** Read one of `fixtures/`: little-endian safetensors with f32 and i32 tensors. */
export function golden(name: string): Golden {
  const bytes = readFileSync(fileURLToPath(new URL(`../fixtures/${name}.safetensors`, import.meta.url)));
  const length = Number(bytes.readBigUInt64LE(0));
  const { __metadata__: metadata, ...entries } = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as {
    __metadata__: Record<string, string>;
  } & Record<string, Entry>;
  return {
    metadata,
    get(tensor: string): HostValue {
      const entry = (entries as Record<string, Entry>)[tensor];
      if (entry === undefined) throw new Error(`${name}: no tensor ${tensor}`);
      const [start, end] = entry.data_offsets;
      const copy = new Uint8Array(bytes.subarray(8 + length + start, 8 + length + end)).buffer;
      const data: TypedArray = entry.dtype === 'I32' ? new Int32Array(copy) : new Float32Array(copy);
      return { shape: entry.shape, dtype: entry.dtype === 'I32' ? 'i32' : 'f32', data };
    },
  };
}
