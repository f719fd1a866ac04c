import { DlaError, flatten, formatShape, readSafetensors, sameShape, type Tensor, tensor, unflatten, writeSafetensors } from '@dla/core';
import { type LanguageModelConfig, parseConfig } from './config.js';
import { countParameters, type ModelParameters, parameterShapes } from './mamba2/parameters.js';

/** A model as it lies in a checkpoint folder: `config.json` and `weights.safetensors`. */
export interface LoadedModel {
  readonly config: LanguageModelConfig;
  readonly parameters: ModelParameters;
}

/** Weights as named arrays, in tree order; names are paths such as `layers.0.mixer.inProj`. */
export function namedParameters(parameters: ModelParameters): { name: string; value: Tensor }[] {
  const { leaves, paths } = flatten<Tensor>(parameters);
  return leaves.map((value, index) => ({ name: paths[index] as string, value }));
}

/**
 * A model from the two files of a checkpoint folder.
 *
 * @throws DlaError `format` for a malformed file, or with a list of all missing, extra and misshapen tensors.
 */
export function loadModel(configJson: string, weights: Uint8Array, where = 'checkpoint'): LoadedModel {
  const config = parseConfig(parseJson(configJson, `${where}/config.json`), `${where}/config.json`);
  return { config, parameters: parametersFrom(config, weights, `${where}/weights.safetensors`) };
}

/** The bytes of a model's `weights.safetensors`; waits for device tensors. */
export async function saveWeights(parameters: ModelParameters): Promise<Uint8Array> {
  const entries = await Promise.all(
    namedParameters(parameters).map(async ({ name, value }) => ({
      name,
      dtype: 'F32' as const,
      shape: value.shape,
      data: (await value.data()) as Float32Array,
    })),
  );
  return writeSafetensors(entries, { format: 'dla', kind: 'weights' });
}

/** Check a weight file against a config, strictly: every tensor there, none too many, every shape right, all values finite. */
export function parametersFrom(config: LanguageModelConfig, weights: Uint8Array, where: string): ModelParameters {
  const { tensors } = readSafetensors(weights, { where });
  const bytes = 4 * countParameters(config);
  // A config that asks for far more than the file holds is refused before its tree is built.
  if (bytes > 4 * weights.length + 2 ** 20)
    throw new DlaError('format', 'the config asks for more weights than the file holds', {
      where,
      expected: `about ${bytes} bytes`,
      found: `${weights.length} bytes`,
    });
  const expected = flatten<Tensor>(parameterShapes(config));
  const problems: string[] = [];
  const known = new Set(expected.paths);
  for (const name of tensors.keys()) if (!known.has(name)) problems.push(`extra ${name}`);
  const leaves = expected.leaves.map((leaf, index) => {
    const name = expected.paths[index] as string;
    const found = tensors.get(name);
    if (found === undefined) problems.push(`missing ${name}`);
    else if (!sameShape(found.shape, leaf.shape)) problems.push(`${name} is ${formatShape(found.shape)}, not ${formatShape(leaf.shape)}`);
    else if (found.dtype !== 'F32') problems.push(`${name} is ${found.dtype}, not F32`);
    else {
      const data = new Float32Array(new Uint8Array(found.data).buffer);
      if (!data.every(Number.isFinite)) problems.push(`${name} holds a value that is not finite`);
      return tensor(data, { shape: leaf.shape });
    }
    return leaf;
  });
  if (problems.length > 0) {
    const shown = problems.slice(0, 6).join('; ');
    throw new DlaError('format', `weights do not fit the config: ${shown}${problems.length > 6 ? `; and ${problems.length - 6} more` : ''}`, {
      where,
    });
  }
  return unflatten(expected.structure, leaves) as ModelParameters;
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DlaError('format', 'not valid JSON', { where, cause });
  }
}
