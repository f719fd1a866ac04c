import { z } from 'zod';
import { configSchema } from './schema.js';

/** One value of the config, as the flags and the help see it. */
export interface ConfigLeaf {
  /** Path in the file, such as `model.memory.tau`. */
  readonly path: string;
  /** Flag without dashes, such as `block-length`: the last name of the path. */
  readonly flag: string;
  readonly kind: 'number' | 'string' | 'boolean' | 'list';
  /** Allowed words; empty where any value of the kind goes. */
  readonly choices: readonly string[];
  readonly default: unknown;
  readonly description: string;
  readonly unit: string | undefined;
}

interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly unit?: string;
}

/** Every leaf of the schema, in its order. */
export const configLeaves: readonly ConfigLeaf[] = leavesOf(z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema, '');

function leavesOf(schema: JsonSchema, path: string): ConfigLeaf[] {
  if (schema.properties !== undefined)
    return Object.entries(schema.properties).flatMap(([key, inner]) => leavesOf(inner, path === '' ? key : `${path}.${key}`));
  const kinds: Readonly<Record<string, ConfigLeaf['kind']>> = { integer: 'number', number: 'number', boolean: 'boolean', array: 'list' };
  return [
    {
      path,
      flag: kebab(path.slice(path.lastIndexOf('.') + 1)),
      kind: kinds[schema.type ?? ''] ?? 'string',
      choices: schema.enum ?? [],
      default: schema.default,
      description: schema.description ?? '',
      unit: schema.unit,
    },
  ];
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
