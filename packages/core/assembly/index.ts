import { adamwTask } from './adamw';
import { convGradTask, convTask } from './conv';
import { binaryTask, unaryTask } from './elementwise';
import { batchTask, blockTask, packTask, rowTask } from './matmul';
import { copyRowsTask, padRowsTask } from './moves';
import { gatedRmsNormGradTask, gatedRmsNormTask, rmsNormGradTask, rmsNormTask, sumPartialsTask } from './norm';
import { sumColumnsTask, sumRowsTask } from './reduce';
import { crossEntropyGradTask, expSumTask, softmaxTask } from './softmax';
import { transposeTask } from './transpose';

/** Runs task number `task` of kernel `kernel`; the numbers are those of `kernels` in the runtime's `kernel-table.ts`. */
export function run(kernel: i32, args: usize, task: i32, scratch: usize): void {
  switch (kernel) {
    case 0:
      return packTask(args, task);
    case 1:
      return blockTask(args, task, scratch);
    case 2:
      return batchTask(args, task, scratch);
    case 3:
      return rowTask(args, task);
    case 4:
      return unaryTask(args, task);
    case 5:
      return binaryTask(args, task);
    case 6:
      return sumRowsTask(args, task);
    case 7:
      return sumColumnsTask(args, task);
    case 8:
      return transposeTask(args, task);
    case 9:
      return adamwTask(args, task);
    case 10:
      return rmsNormTask(args, task);
    case 11:
      return gatedRmsNormTask(args, task);
    case 12:
      return rmsNormGradTask(args, task);
    case 13:
      return gatedRmsNormGradTask(args, task);
    case 14:
      return sumPartialsTask(args, task);
    case 15:
      return softmaxTask(args, task);
    case 16:
      return expSumTask(args, task);
    case 17:
      return crossEntropyGradTask(args, task);
    case 18:
      return convTask(args, task);
    case 19:
      return convGradTask(args, task);
    case 20:
      return copyRowsTask(args, task);
    case 21:
      return padRowsTask(args, task);
  }
}
