import { DlaError } from '@dla/core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ConfigLeaf, configLeaves } from './leaves.js';
import { type ConfigLayer, layerOfPaths, readConfigFile, resolveConfig } from './load.js';
import type { Config } from './schema.js';

const flagName = (path: string): string => `--${configLeaves.find((leaf) => leaf.path === path)?.flag ?? path}`;

/** Add one flag for every leaf of the config, grouped by section in the help. */
export function addConfigFlags(command: Command, only?: (leaf: ConfigLeaf) => boolean): void {
  for (const leaf of configLeaves) {
    if (only !== undefined && !only(leaf)) continue;
    const value = leaf.kind === 'boolean' ? '' : leaf.kind === 'list' ? ' <file...>' : leaf.kind === 'number' ? ' <number>' : ' <word>';
    const unit = leaf.unit === undefined ? '' : ` [${leaf.unit}]`;
    const normal = leaf.kind === 'list' ? '' : ` (default: ${String(leaf.default)})`;
    const option = new Option(`--${leaf.flag}${value}`, `${leaf.description}${unit}${normal}`);
    if (leaf.choices.length > 0) option.choices([...leaf.choices]);
    else if (leaf.kind === 'number') option.argParser(numberOf);
    option.helpGroup(`${sectionTitle(leaf.path)}:`);
    command.addOption(option);
    if (leaf.kind === 'boolean')
      command.addOption(new Option(`--no-${leaf.flag}`, `not: ${leaf.description}`).helpGroup(`${sectionTitle(leaf.path)}:`));
  }
}

/** What the user gave on the command line, as a config layer; flags that were not given are absent. */
export function flagLayer(command: Command): ConfigLayer {
  const given = new Map<string, unknown>();
  for (const leaf of configLeaves) {
    const attribute = leaf.path.slice(leaf.path.lastIndexOf('.') + 1);
    if (command.getOptionValueSource(attribute) === 'cli') given.set(leaf.path, command.getOptionValue(attribute));
  }
  return layerOfPaths('command line', given, flagName);
}

/** The config of a run: defaults < file < flags. */
export function configFromCommand(command: Command, file: string | undefined): Config {
  const flags = flagLayer(command);
  return resolveConfig(file === undefined ? [flags] : [readConfigFile(file), flags]);
}

/** A finite number, for commander. */
export function numberOf(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('expected a number.');
  return value;
}

/** A number within bounds, for commander; `integer` by default. */
export function numberWithin(low: number, high: number, integer = true): (text: string) => number {
  return (text) => {
    const value = numberOf(text);
    if (value < low || value > high || (integer && !Number.isSafeInteger(value)))
      throw new InvalidArgumentError(`expected ${integer ? 'an integer' : 'a number'} from ${low} to ${high}.`);
    return value;
  };
}

/** @throws DlaError `argument` when a text that must hold something is empty. */
export function nonEmpty(flag: string, text: string): string {
  if (text === '') throw new DlaError('argument', 'is empty', { where: flag, expected: 'at least one character' });
  return text;
}

function sectionTitle(path: string): string {
  const section = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : 'run';
  return { model: 'Model', 'model.memory': 'Memory', data: 'Data', train: 'Training', run: 'Run' }[section] ?? section;
}
