import { describe, expect, it } from 'vitest';
import { defaultConfig, parseConfig, sizesOf } from './config.js';
import { errorOf } from './testing/expect-error.js';

const integers = [
  'vocabularySize',
  'dModel',
  'layers',
  'headDim',
  'stateSize',
  'groups',
  'convWidth',
  'memory.capacity',
  'memory.blockLength',
  'memory.maxLength',
];
const ranges = { expand: [0.125, 64], mlpRatio: [0, 64], normEpsilon: [1e-12, 1], 'memory.tau': [0, 10] } as const;
const choices = ['backbone', 'tieEmbeddings', 'memory.policy', 'memory.merge'];
const wrongEverywhere = ['null', '"x"', '[]', '{}', '1e999', '-1e999', '[[[1]]]', '"\\n\\u0000"', '""'];

/** A config in JSON with one field, `memory.` or not, set to a JSON text. */
function withField(field: string, json: string): unknown {
  const [outer, inner] = field.split('.') as [string, string | undefined];
  return JSON.parse(inner === undefined ? `{${JSON.stringify(outer)}:${json}}` : `{${JSON.stringify(outer)}:{${JSON.stringify(inner)}:${json}}}`);
}

describe('parseConfig', () => {
  it('takes defaults for what is absent', () => {
    expect(parseConfig({})).toEqual(defaultConfig);
    expect(parseConfig({ memory: { policy: 'fixed' } })).toEqual({ ...defaultConfig, memory: { ...defaultConfig.memory, policy: 'fixed' } });
  });

  it('gives back what JSON of a config holds', () => {
    const config = { ...defaultConfig, dModel: 96, headDim: 48, expand: 1.5, mlpRatio: 2.5, tieEmbeddings: true, layers: 3, groups: 3 };
    const memory = { policy: 'dla', capacity: 7, tau: 0, merge: 'weakest', blockLength: 3, maxLength: 99 } as const;
    expect(parseConfig(JSON.parse(JSON.stringify({ ...config, memory })))).toEqual({ ...config, memory });
  });

  for (const field of integers)
    it(`${field} is a positive integer below 2^31`, async () => {
      for (const json of [...wrongEverywhere, 'true', '0', '-0', '-1', '1.5', '2147483648', '9007199254740993', '1e300']) {
        const error = await errorOf(() => parseConfig(withField(field, json), 'run/config.json'));
        expect(`${error.code} ${error.message}`).toMatch(
          new RegExp(`^format run/config\\.json: field "${field}" is wrong; expected a positive integer below 2\\^31; found .+`),
        );
      }
    });

  for (const [field, [low, high]] of Object.entries(ranges))
    it(`${field} is a number in its range`, async () => {
      for (const json of [...wrongEverywhere, 'true', String(low - 1e-3), String(high + 1e-3), '-1'])
        expect((await errorOf(() => parseConfig(withField(field, json)))).message).toContain(
          `field "${field}" is wrong; expected a number in [${low}, ${high}]; found `,
        );
    });

  for (const field of choices)
    it(`${field} is one of a few`, async () => {
      for (const json of [...wrongEverywhere, '0', '1', '"toString"', '"__proto__"', '"Dla"'])
        expect((await errorOf(() => parseConfig(withField(field, json)))).message).toMatch(
          new RegExp(`^config\\.json: field "${field}" is wrong; expected .+; found `),
        );
    });

  it('refuses unknown fields, prototypes among them, and pollutes nothing', async () => {
    for (const key of ['size', '__proto__', 'constructor', 'prototype', 'toString', 'dmodel', 'policy', '', 'a\nb', 'x'.repeat(5000)])
      for (const field of [key, `memory.${key}`]) {
        if (field === 'memory.policy') continue;
        const error = await errorOf(() => parseConfig(withField(field, '{"polluted":1}')));
        expect(error.message).toMatch(/^config\.json: unknown field "/);
      }
    expect('polluted' in {}).toBe(false);
  });

  it('refuses what is no object', async () => {
    for (const value of [null, 1, 'x', [], [{}], true, undefined])
      expect((await errorOf(() => parseConfig(value))).message).toMatch(/^config\.json: not an object; found /);
    for (const json of ['null', '1', '"x"', '[]'])
      expect((await errorOf(() => parseConfig(withField('memory', json)))).message).toMatch(/^config\.json: memory: not an object; found /);
  });

  it('does not follow what is nested 100,000 deep', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    for (const field of ['dModel', 'memory', 'memory.policy', 'memory.tau', 'tieEmbeddings', 'other'])
      expect((await errorOf(() => parseConfig(withField(field, deep)))).message).toMatch(/found an array$|unknown field/);
  });

  it('refuses widths that do not divide', async () => {
    expect((await errorOf(() => parseConfig({ dModel: 100, headDim: 64 }))).message).toBe(
      'config.json: expand * dModel must be a multiple of headDim; expected a multiple of 64; found 200',
    );
    expect((await errorOf(() => parseConfig({ groups: 3 }))).message).toBe(
      'config.json: groups must divide the number of heads; expected a divisor of 4; found 3',
    );
  });

  it('sizesOf', () => {
    const config = parseConfig({ dModel: 26, headDim: 13, stateSize: 9, groups: 2, mlpRatio: 1.5 });
    expect(sizesOf(config)).toEqual({ inner: 52, heads: 4, convChannels: 88, projected: 144, mlpWidth: 39 });
  });
});
