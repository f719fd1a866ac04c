import { readFileSync } from 'node:fs';
import { DlaError } from '@dla/core';
import { parseDocument } from 'yaml';
import { printable } from '../exit-codes.js';
import { type ConfigLeaf, configLeaves } from './leaves.js';
import { nearest } from './nearest.js';
import { type Config, configSchema } from './schema.js';

/** One place that values come from; `where` starts the error message, `name` names a path there. */
export interface ConfigLayer {
  readonly where: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** How the layer's user writes this path: a file says `train.steps`, the flags say `--steps`. Default: the path itself. */
  readonly name?: (path: string) => string;
}

/** Largest config file that is read, in bytes. */
const largestFile = 1 << 20;

/**
 * Defaults, then each layer over the ones before it: `resolveConfig([file, flags])`.
 *
 * @throws DlaError `argument`: an unknown key, a wrong value or `__proto__`, naming layer, path and what was expected.
 */
export function resolveConfig(layers: readonly ConfigLayer[]): Config {
  const chosen = new Map<string, { value: unknown; layer: ConfigLayer }>();
  for (const layer of layers) for (const [path, value] of flatLeaves(layer)) chosen.set(path, { value, layer });
  const merged: Record<string, unknown> = {};
  for (const [path, { value }] of chosen) place(merged, path.split('.'), value);
  const result = configSchema.safeParse(merged);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const at = issue?.path.map(String) ?? [];
  const path = configLeaves.find((leaf) => at.join('.') === leaf.path || at.join('.').startsWith(`${leaf.path}.`))?.path ?? at.join('.');
  const source = chosen.get(path);
  const leaf = configLeaves.find((candidate) => candidate.path === path);
  const named = source?.layer.name?.(path) ?? path;
  const where = source === undefined ? 'config' : source.layer.where;
  throw new DlaError('argument', `${named} is wrong`, {
    where,
    expected: leaf === undefined ? (issue?.message ?? 'another value') : expectedText(leaf, issue?.message ?? ''),
    found: shown(source?.value),
  });
}

/** A YAML file as a layer. @throws DlaError `io` (missing, a directory, too large) or `argument` (not YAML, not a mapping). */
export function readConfigFile(file: string): ConfigLayer {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const reason =
      code === 'ENOENT' ? 'no such config file' : code === 'EISDIR' ? 'a directory, not a config file' : `cannot be read (${code ?? 'unknown'})`;
    throw new DlaError(code === 'ENOENT' || code === 'EISDIR' ? 'argument' : 'io', reason, { where: file, cause });
  }
  return parseConfigText(text, file);
}

/** YAML text as a layer. An empty file is a config of defaults. */
export function parseConfigText(text: string, where: string): ConfigLayer {
  if (text.length > largestFile)
    throw new DlaError('argument', 'too large for a config file', { where, expected: `at most ${largestFile} bytes`, found: String(text.length) });
  const document = parseDocument(text);
  const problem = document.errors[0];
  if (problem !== undefined) throw new DlaError('argument', `not valid YAML: ${firstLine(problem.message)}`, { where });
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw new DlaError('argument', `not valid YAML: ${firstLine(cause instanceof Error ? cause.message : String(cause))}`, { where, cause });
  }
  if (value === null || value === undefined) return { where, values: {} };
  if (!isMapping(value))
    throw new DlaError('argument', 'not a mapping of sections', { where, expected: 'keys such as model, data, train', found: shown(value) });
  return { where, values: value };
}

/** Values given by path, such as from flags, as a layer. */
export function layerOfPaths(where: string, values: ReadonlyMap<string, unknown>, name: (path: string) => string): ConfigLayer {
  const nested: Record<string, unknown> = {};
  for (const [path, value] of values) place(nested, path.split('.'), value);
  return { where, values: nested, name };
}

function flatLeaves(layer: ConfigLayer): [string, unknown][] {
  const out: [string, unknown][] = [];
  const walk = (node: Readonly<Record<string, unknown>>, prefix: string): void => {
    const known = childKeys(prefix);
    for (const key of Object.keys(node)) {
      const path = prefix === '' ? key : `${prefix}.${key}`;
      if (!known.includes(key)) throw unknownKey(layer.where, prefix, key, known);
      const value = node[key];
      if (configLeaves.some((leaf) => leaf.path === path)) out.push([path, value]);
      else if (isMapping(value)) walk(value, path);
      else if (value !== null)
        throw new DlaError('argument', `${path} is wrong`, {
          where: layer.where,
          expected: `a section with ${childKeys(path).join(', ')}`,
          found: shown(value),
        });
    }
  };
  walk(layer.values, '');
  return out;
}

function unknownKey(where: string, prefix: string, key: string, known: readonly string[]): DlaError {
  const path = printable((prefix === '' ? key : `${prefix}.${key}`).slice(0, 120));
  const sibling = nearest(key, known);
  const elsewhere = configLeaves.find((leaf) => leaf.path.endsWith(`.${key}`) || leaf.path === key)?.path;
  const suggestion = elsewhere ?? (sibling === undefined ? undefined : prefix === '' ? sibling : `${prefix}.${sibling}`);
  const hint = suggestion === undefined ? `; known here: ${known.join(', ')}` : `; did you mean ${suggestion}?`;
  return new DlaError('argument', `unknown key ${path}${hint}`, { where });
}

function childKeys(prefix: string): string[] {
  const start = prefix === '' ? '' : `${prefix}.`;
  const keys = configLeaves.filter((leaf) => leaf.path.startsWith(start)).map((leaf) => leaf.path.slice(start.length).split('.')[0] as string);
  return [...new Set(keys)];
}

/** Only ever called with paths of known leaves, so no key can be `__proto__`. */
function place(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) target[head] = value;
  else {
    const inner = (target[head] ?? {}) as Record<string, unknown>;
    target[head] = inner;
    place(inner, rest, value);
  }
}

function expectedText(leaf: ConfigLeaf, message: string): string {
  if (leaf.choices.length > 0) return leaf.choices.join(', ');
  const range =
    /expected (?:number|int|array|string)? ?to (?:be|have) (.+)$/.exec(message)?.[1] ??
    message.replace(/^Invalid input: expected /, '').replace(/, received.*$/, '');
  return leaf.unit === undefined ? `${leaf.kind === 'number' ? 'a number ' : ''}${range}` : `${range} (${leaf.unit})`;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/:$/, '');
}
