import { describe, expect, it } from 'vitest';
import { type Tensor, tensor } from './tensor.js';

describe('tensor', () => {
  it('takes nested numbers and typed arrays', async () => {
    const nested: Tensor = tensor([[1, 2, 3]]);
    expect([String(nested), [...(await nested.data())]]).toEqual(['Tensor(f32[1, 3])', [1, 2, 3]]);
    expect(String(tensor(Uint16Array.of(0x3c00)))).toBe('Tensor(f16[1])');
    expect(String(tensor(Uint32Array.of(0, 1), { dtype: 'bool' }))).toBe('Tensor(bool[2])');
    expect(String(tensor([[], []]))).toBe('Tensor(f32[2, 0])');
  });

  it('refuses ragged arrays, other lengths and other arrays', () => {
    expect(() => tensor([[1, 2], [3]])).toThrow('tensor: nested arrays are ragged; expected 2; found 1');
    expect(() => tensor([1, [2]])).toThrow('tensor: nested arrays are ragged');
    expect(() => tensor(new Float32Array(3), { shape: [2] })).toThrow('tensor: data length does not match the shape');
    expect(() => tensor(new Float64Array(2) as unknown as Float32Array)).toThrow('tensor: no dtype for this array; expected a Float32Array');
  });
});
