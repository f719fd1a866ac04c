import { expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { describeOp } from '../../testing/describe-op.js';
import { argmaxCases } from './cases.js';
import { argmax } from './op.js';

describeOp('argmax', argmaxCases);

it('argmax takes the lowest of equals', async () => {
  expect([
    ...(await argmax(
      tensor([
        [1, 3, 3],
        [2, 0, 1],
      ]),
    ).data()),
  ]).toEqual([1, 0]);
  expect([
    ...(await argmax(
      tensor([
        [1, 3, 3],
        [2, 0, 1],
      ]),
      0,
    ).data()),
  ]).toEqual([1, 0, 0]);
  expect(() => argmax(tensor(new Float32Array(0)))).toThrow('argmax: no elements to choose from');
});
