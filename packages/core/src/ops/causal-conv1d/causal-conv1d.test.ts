import { describe, expect, it } from 'vitest';
import { tensor } from '../../tensor.js';
import { expectClose } from '../../testing/close.js';
import { describeOp } from '../../testing/describe-op.js';
import { randomTensor } from '../../testing/random.js';
import { concat } from '../concat/op.js';
import { sliceAxis } from '../slice/op.js';
import { causalConv1dCases } from './cases.js';
import { causalConv1d } from './op.js';

describeOp('causal-conv1d', causalConv1dCases);

describe('causalConv1d', () => {
  it('computes by hand: the last tap meets the present', async () => {
    const { output, state } = causalConv1d(tensor([[[1], [2], [3]]]), tensor([[10, 1]]), tensor([0.5]), tensor([[[7]]]));
    expect([...(await output.data())]).toEqual([71.5, 12.5, 23.5]);
    expect([...(await state.data())]).toEqual([3]);
  });

  it('continues from its state as if the pieces were one', async () => {
    const x = randomTensor({ shape: [2, 9, 5] }, 1);
    const [weight, bias] = [randomTensor({ shape: [5, 4] }, 2), randomTensor({ shape: [5] }, 3)];
    const whole = causalConv1d(x, weight, bias);
    let state: typeof x | undefined;
    const pieces = [
      [0, 1],
      [1, 3],
      [3, 9],
    ].map(([start, end]) => {
      const piece = causalConv1d(sliceAxis(x, 1, start as number, end as number), weight, bias, state);
      state = piece.state;
      return piece.output;
    });
    expect(await concat(pieces, 1).data()).toEqual(await whole.output.data());
    expectClose(await (state as typeof x).data(), await whole.state.data(), { relative: 0, absolute: 0 });
  });

  it('says what does not fit', () => {
    expect(() => causalConv1d(tensor([[[1]]]), tensor([[1, 2]]), tensor([0]), tensor([[[1], [2]]]))).toThrow(
      'causal-conv1d: wrong shape of the state; expected [1, 1, 1]; found [1, 2, 1]',
    );
    expect(() => causalConv1d(tensor([[1]]), tensor([[1, 2]]), tensor([0]))).toThrow('causal-conv1d: wrong rank of x');
  });
});
