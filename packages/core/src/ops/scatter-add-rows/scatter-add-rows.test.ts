import { expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { scatterAddRowsCases } from './cases.js';
import { scatterAddRowsReference } from './cpu.js';
import { scatterAddRowsFast } from './fast.js';
import { scatterAddRows } from './op.js';

describeOp('scatter-add-rows', scatterAddRowsCases);

it('scatterAddRows adds up, and names an index outside', async () => {
  const updates = tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const at = (indices: readonly number[]) => tensor(indices, { dtype: 'i32' });
  expect([...(await scatterAddRows(at([1, 0, 1]), updates, 3).data())]).toEqual([3, 4, 6, 8, 0, 0]);
  await expect(scatterAddRows(at([1, 0, 5]), updates, 3).data()).rejects.toThrow(
    'scatter-add-rows: index out of range; expected 0 to 2; found 5 at position 2',
  );
  expect(() => scatterAddRows(at([1, 0]), updates, 3)).toThrow('scatter-add-rows: wrong shape of the updates; expected [2, 2]; found [3, 2]');
});

it.each([
  [0, 3, 5],
  [1, 1, 1],
  [257, 63, 100],
  [100, 1000, 7],
])('the fast form for %i rows into [%i, %i] has the bits of the reference', (count, rows, width) => {
  const value = (shape: readonly number[], data: Float32Array | Int32Array) => ({
    shape,
    dtype: data instanceof Int32Array ? ('i32' as const) : ('f32' as const),
    data,
    pointer: 0,
  });
  const indices = Int32Array.from({ length: count }, (_, i) => (i * 7919) % rows);
  const updates = Float32Array.from({ length: count * width }, (_, i) => Math.sin(i * 12.9898) * 10 ** (i % 7));
  const [found, expected] = [scatterAddRowsFast, scatterAddRowsReference].map((form) => {
    const y = new Float32Array(rows * width).fill(Number.NaN);
    form({ inputs: [value([count], indices), value([count, width], updates)], outputs: [value([rows, width], y)], attributes: { rows } });
    return y;
  });
  expect(found).toEqual(expected);
});
