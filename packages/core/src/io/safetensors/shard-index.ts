import type { SafetensorsSource } from './header.js';
import { JsonScanner } from './json-scanner.js';
import { formatError, nameProblem, quote, safetensorsLimits } from './rules.js';

export interface ShardIndexOptions extends SafetensorsSource {
  /** Names of the files that lie beside the index. */
  readonly files: Iterable<string>;
}

const windowsDevice = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/** Why a shard's file name is refused: it must be a plain name in the index's own folder by POSIX and by Windows rules. */
function shardProblem(name: string): string | undefined {
  const problem = nameProblem(name);
  if (problem !== undefined) return problem;
  if (/[/:*?"<>|%]/.test(name)) return 'is not a plain file name';
  if (/[. ]$/.test(name) || name.startsWith('.') || windowsDevice.test(name)) return 'is not a file name on every system';
  return name.endsWith('.safetensors') ? undefined : 'is not a .safetensors file';
}

/**
 * Read the index of a model split over several files: `{"metadata": {..}, "weight_map": {tensor: file}}`.
 *
 * @returns File name of each tensor, in the index's order.
 * @throws DlaError `format` for a repeated tensor, a name that leaves the folder, or a file that is not there.
 */
export function parseShardIndex(bytes: Uint8Array, { where, files }: ShardIndexOptions): ReadonlyMap<string, string> {
  if (bytes.length > safetensorsLimits.headerBytes)
    throw formatError(where, 'the index is too long', `at most ${safetensorsLimits.headerBytes} bytes`, `${bytes.length}`);
  const present = new Set(files);
  const scanner = new JsonScanner(bytes, where);
  const seen = new Set<string>();
  const shards = new Map<string, string>();
  scanner.object('index', safetensorsLimits.nameBytes, (key) => {
    if (seen.has(key)) throw formatError(where, `key ${quote(key)} is there twice`);
    seen.add(key);
    if (key === 'weight_map') readWeightMap(scanner, where, present, shards);
    else if (key === 'metadata') skipMetadata(scanner);
    else throw formatError(where, 'unknown key', 'metadata, weight_map', quote(key));
  });
  scanner.end('text behind the index object', 'white space');
  if (!seen.has('weight_map')) throw formatError(where, 'weight_map is missing');
  return shards;
}

function readWeightMap(scanner: JsonScanner, where: string, present: ReadonlySet<string>, shards: Map<string, string>): void {
  scanner.object('weight_map', safetensorsLimits.nameBytes, (tensor) => {
    const problem = nameProblem(tensor);
    if (problem !== undefined) throw formatError(where, `tensor name ${quote(tensor)} ${problem}`);
    if (shards.has(tensor)) throw formatError(where, `tensor ${quote(tensor)} is mapped twice`);
    if (shards.size === safetensorsLimits.tensors) throw formatError(where, 'too many tensors', `at most ${safetensorsLimits.tensors}`);
    const file = scanner.string(`shard of tensor ${quote(tensor)}`, 255);
    const wrong = shardProblem(file);
    if (wrong !== undefined) throw formatError(where, `shard ${quote(file)} of tensor ${quote(tensor)} ${wrong}`);
    if (!present.has(file)) throw formatError(where, `shard ${quote(file)} of tensor ${quote(tensor)} is missing`);
    shards.set(tensor, file);
  });
}

/** The index's metadata is a flat object of strings and whole numbers (`total_size`); nothing here uses it. */
function skipMetadata(scanner: JsonScanner): void {
  scanner.object('metadata', safetensorsLimits.nameBytes, (key) => {
    const what = `metadata ${quote(key)}`;
    if (scanner.atString()) scanner.string(what, safetensorsLimits.metadataBytes);
    else scanner.integer(what);
  });
}
