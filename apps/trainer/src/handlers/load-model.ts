import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DlaError } from '@dla/core';
import { type LoadedModel, loadModel } from '@dla/models';
import { fileOf } from '../checkpoint/contents.js';
import { createCheckpointStore, readCheckpoint } from '../checkpoint/store.js';

export interface OpenedModel extends LoadedModel {
  /** The checkpoint's folder. */
  readonly path: string;
}

/**
 * The model in a checkpoint folder, or in the newest intact checkpoint of a run folder. Every byte is verified first.
 *
 * @throws DlaError `format` (no such folder, no checkpoint, damaged, weights of another shape).
 */
export async function openModel(path: string, notice: (line: string) => void): Promise<OpenedModel> {
  if (!existsSync(path)) throw new DlaError('format', 'no such folder', { where: path, expected: 'a checkpoint or run folder' });
  if (!statSync(path).isDirectory()) throw new DlaError('format', 'not a folder', { where: path, expected: 'a checkpoint or run folder' });
  if (existsSync(join(path, 'manifest.json'))) return modelOf(path, await readCheckpoint(path));
  const newest = await createCheckpointStore(path, { notice }).newest();
  if (newest === undefined) throw new DlaError('format', 'holds no checkpoint', { where: path, expected: 'manifest.json, or folders step-00000123' });
  return modelOf(newest.path, newest.files);
}

function modelOf(path: string, files: ReadonlyMap<string, Uint8Array>): OpenedModel {
  const text = new TextDecoder().decode(fileOf(files, 'config.json', path));
  return { ...loadModel(text, fileOf(files, 'weights.safetensors', path), path), path };
}
