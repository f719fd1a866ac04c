import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addConfigFlags, configFromCommand } from './flags.js';
import { configLeaves } from './leaves.js';
import { parseConfigText, readConfigFile, resolveConfig } from './load.js';
import { modelConfigOf } from './model-config.js';

const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
};
const fromText = (text: string): string => messageOf(() => resolveConfig([parseConfigText(text, 'a.yaml')]));
const preset = (name: string): string => fileURLToPath(new URL(`../../configs/${name}.yaml`, import.meta.url));
const parsed = (...argv: string[]): Command => {
  const command = new Command('train').exitOverride().configureOutput({ writeErr: () => {} });
  addConfigFlags(command);
  return command.parse(argv, { from: 'user' });
};

describe('config schema', () => {
  it('describes every leaf, with a default and a flag of its own', () => {
    for (const leaf of configLeaves) {
      expect(leaf.description, leaf.path).not.toBe('');
      expect(leaf.default, leaf.path).toBeDefined();
    }
    expect(new Set(configLeaves.map((leaf) => leaf.flag)).size).toBe(configLeaves.length);
    expect(configLeaves.length).toBeGreaterThan(35);
  });
  it('gives defaults for an empty file', () => {
    const config = resolveConfig([parseConfigText('# nothing\n', 'a.yaml')]);
    expect(config.model.memory).toEqual({ policy: 'dla', capacity: 30, tau: 0.6, merge: 'density', blockLength: 16, maxLength: 4096 });
    expect(config.data.validationFraction).toBe(0.1);
    expect(modelConfigOf(config).vocabularySize).toBe(256);
  });
  it.each(['start', 'tiny', 'sotu'])('accepts the preset %s', (name) => {
    expect(resolveConfig([readConfigFile(preset(name))]).out).toBe(`runs/${name}`);
  });
});

describe('precedence', () => {
  it('is defaults < file < flags', () => {
    const file = parseConfigText('train: { steps: 7, batch: 3 }', 'a.yaml');
    const flags = { where: 'command line', values: { train: { steps: 9 } } };
    const { train } = resolveConfig([file, flags]);
    expect([train.steps, train.batch, train.context]).toEqual([9, 3, 256]);
  });
  it('takes every kind of flag', () => {
    const command = parsed('--steps', '5', '--policy', 'fixed', '--tie-embeddings', '--files', 'a.txt', 'b.txt', '--learning-rate', '1e-4');
    const config = configFromCommand(command, preset('tiny'));
    expect([config.train.steps, config.model.memory.policy, config.model.tieEmbeddings, config.data.files, config.train.learningRate]).toEqual([
      5,
      'fixed',
      true,
      ['a.txt', 'b.txt'],
      1e-4,
    ]);
    expect(config.model.dModel).toBe(32);
    expect(configFromCommand(parsed('--no-tie-embeddings'), undefined).model.tieEmbeddings).toBe(false);
  });
  it('shows description, unit and default of each flag', () => {
    const help = new Command('train').configureHelp({ helpWidth: 200 });
    addConfigFlags(help);
    expect(help.helpInformation()).toMatch(/--capacity <number>\s+most slots a head may hold \(fixed, dla\) \[slots\] \(default: 30\)/);
    for (const leaf of configLeaves) expect(help.helpInformation()).toContain(`--${leaf.flag}`);
  });
});

describe('bad configs end in one line', () => {
  it.each([
    ['train: { stepps: 3 }', 'a.yaml: unknown key train.stepps; did you mean train.steps?'],
    ['trian: { steps: 3 }', 'a.yaml: unknown key trian; did you mean train?'],
    ['steps: 3', 'a.yaml: unknown key steps; did you mean train.steps?'],
    ['model: { memory: { tua: 1 } }', 'a.yaml: unknown key model.memory.tua; did you mean model.memory.tau?'],
    ['model: { __proto__: { polluted: 1 } }', 'a.yaml: unknown key model.__proto__; known here:'],
    ['"__proto__": { polluted: 1 }', 'a.yaml: unknown key __proto__; known here:'],
    ['constructor: 1', 'a.yaml: unknown key constructor'],
    ['train: { steps: many }', 'a.yaml: train.steps is wrong; expected'],
    ['train: { steps: -1 }', 'a.yaml: train.steps is wrong; expected >=1 (steps); found -1'],
    ['train: { steps: 1.5 }', 'a.yaml: train.steps is wrong; expected'],
    ['train: { steps: .inf }', 'a.yaml: train.steps is wrong'],
    ['model: { memory: { policy: best } }', 'a.yaml: model.memory.policy is wrong; expected single, fixed, fenwick, dla; found "best"'],
    ['model: 3', 'a.yaml: model is wrong; expected a section with'],
    ['- a', 'a.yaml: not a mapping of sections'],
    ['train: { steps: 1, steps: 2 }', 'a.yaml: not valid YAML'],
    ['train: [', 'a.yaml: not valid YAML'],
    ['a: &x [1]\nb: *x', 'a.yaml: not valid YAML'],
    ['data: { files: [1] }', 'a.yaml: data.files is wrong'],
  ])('%s', (text, message) => {
    const found = fromText(text);
    expect(found).toContain(message);
    expect(found).not.toContain('\n');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
  it('names the flag where a flag is wrong', () => {
    expect(messageOf(() => configFromCommand(parsed('--steps', '0'), undefined))).toBe(
      'command line: --steps is wrong; expected >=1 (steps); found 0',
    );
    expect(messageOf(() => parsed('--steps', 'x'))).toContain("option '--steps <number>' argument 'x' is invalid");
  });
  it('names a missing file and a directory', () => {
    expect(messageOf(() => readConfigFile('absent.yaml'))).toBe('absent.yaml: no such config file');
    expect(messageOf(() => readConfigFile(fileURLToPath(new URL('.', import.meta.url))))).toContain('a directory, not a config file');
  });
});
