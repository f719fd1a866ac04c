import { batchTask, blockTask, packTask, rowTask } from './matmul';

/** Runs task number `task` of kernel `kernel`; the numbers are those of `kernels` in the runtime's `kernel-table.ts`. */
export function run(kernel: i32, args: usize, task: i32, scratch: usize): void {
  switch (kernel) {
    case 0:
      packTask(args, task);
      break;
    case 1:
      blockTask(args, task, scratch);
      break;
    case 2:
      batchTask(args, task, scratch);
      break;
    case 3:
      rowTask(args, task);
      break;
  }
}
