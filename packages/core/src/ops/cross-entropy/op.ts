import { type DefinedOp, defineOp, refuseGradient } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { div, maximum } from '../binary/op.js';
import { cast } from '../cast/op.js';
import { expectDtype, expectRank, expectShape, inputAt } from '../check.js';
import { greaterEqual } from '../compare/op.js';
import { sum } from '../reduce/op.js';
import { crossEntropyGradReference, crossEntropyReference } from './cpu.js';
import { crossEntropyGradient } from './grad.js';

/**
 * losses_n = logsumexp_n - logits_{n, targets_n}, and 0 where targets_n = -1 (ignored): logits [N, V] f32, targets [N] i32
 * -> losses [N], logsumexp [N]. A target outside [-1, V) is an `argument` error on the CPU; GPU devices ignore it.
 */
export const crossEntropyOp: DefinedOp<Record<string, never>> = defineOp<Record<string, never>>({
  name: 'cross-entropy',
  infer: (inputs) => {
    const logits = inputAt('cross-entropy', inputs, 0);
    const targets = inputAt('cross-entropy', inputs, 1);
    expectDtype('cross-entropy', 'the logits', logits, 'f32');
    expectRank('cross-entropy', 'the logits', logits, 2);
    expectDtype('cross-entropy', 'the targets', targets, 'i32');
    const [rows] = logits.shape as readonly [number, number];
    expectShape('cross-entropy', 'the targets', targets, [rows]);
    return [
      { shape: [rows], dtype: 'f32' },
      { shape: [rows], dtype: 'f32' },
    ];
  },
  reference: crossEntropyReference,
  gradient: crossEntropyGradient,
});

/** The gradient of the losses: logits [N, V], targets [N], logsumexp [N], d [N] -> (softmax(logits) - onehot(targets)) d [N, V], 0 where ignored. */
export const crossEntropyGradOp: DefinedOp<Record<string, never>> = defineOp<Record<string, never>>({
  name: 'cross-entropy-grad',
  infer: (inputs) => {
    const logits = inputAt('cross-entropy-grad', inputs, 0);
    for (const index of [1, 2, 3])
      expectShape('cross-entropy-grad', `input ${index}`, inputAt('cross-entropy-grad', inputs, index), [logits.shape[0] as number]);
    return [{ shape: logits.shape, dtype: 'f32' }];
  },
  reference: crossEntropyGradReference,
  gradient: refuseGradient('cross-entropy-grad'),
});

/** Cross-entropy in nats of each row, and the log of the sum of exponentials: logits [N, V], targets i32 [N] (-1: ignored, loss 0). */
export function crossEntropy(logits: Tensor, targets: Tensor): { readonly losses: Tensor; readonly logSumExp: Tensor } {
  const [losses, logSumExp] = crossEntropyOp([logits, targets], {}) as readonly [Tensor, Tensor];
  return { losses, logSumExp };
}

/** Mean cross-entropy in nats over the rows that are not ignored (0 if all are): logits [N, V], targets i32 [N] -> []. */
export function crossEntropyMean(logits: Tensor, targets: Tensor): Tensor {
  const { losses } = crossEntropy(logits, targets);
  return div(sum(losses), maximum(sum(cast(greaterEqual(targets, 0), 'f32')), 1));
}
