import { describe, expect, it } from 'vitest';
import { crossingTokens, formatBytes, formatCount, keyValueBytes } from './cost.js';

describe('key-value cache', () => {
  it('of the 130M Transformer beside a 130M Mamba-2: 24 blocks without MLPs stand for 12 layers', () => {
    const model = { layers: 24, dModel: 768, mlpRatio: 0 };
    expect(keyValueBytes(model, 1)).toBe(2 * 12 * 768 * 4);
    expect(crossingTokens({ ...model, stateBytes: 566e6 })).toBe(7677);
  });

  it('counts a block with an MLP as one layer', () => {
    expect(keyValueBytes({ layers: 4, dModel: 64, mlpRatio: 2 }, 100)).toBe(2 * 4 * 64 * 4 * 100);
  });
});

describe('formats', () => {
  it('bytes in decimal units with three digits', () => {
    expect([0, 999, 1000, 999_499, 999_700, 2_031_616, 566e6].map(formatBytes)).toEqual([
      '0 bytes',
      '999 bytes',
      '1.00 KB',
      '999 KB',
      '1.00 MB',
      '2.03 MB',
      '566 MB',
    ]);
  });

  it('counts with separators', () => {
    expect(formatCount(1234567)).toBe('1,234,567');
  });
});
