import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { exitCodes } from '../exit-codes.js';
import { configReference } from './reference.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

it('the config table of the README is the one of the schema', () => {
  const [, table] = /<!-- config -->\n\n([\s\S]*?)\n\n<!-- \/config -->/.exec(readme) ?? [];
  // When this fails: put the text below between the two marks in README.md.
  expect(table).toBe(configReference());
});

it('the README names every exit code', () => {
  for (const code of Object.values(exitCodes)) expect(readme).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
});
