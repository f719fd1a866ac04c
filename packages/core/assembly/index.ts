import { adamwTask } from './adamw';
import { binaryTask, unaryTask } from './elementwise';
import { batchTask, blockTask, packTask, rowTask } from './matmul';
import { sumColumnsTask, sumRowsTask } from './reduce';
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
  }
}
