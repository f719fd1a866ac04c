import { runBench } from '@dla/eval';
import Table from 'cli-table3';
import type { BenchOptions, CommandIo } from '../commands/handlers.js';
import { openDevice } from '../training/devices.js';

export async function bench(options: BenchOptions, io: CommandIo): Promise<number> {
  const { device, reason } = await openDevice(options.device, options.threads === 0 ? undefined : options.threads);
  try {
    io.stderr.write(`device: ${device.description} (${reason})\n`);
    const result = await runBench(device, { rounds: options.rounds, only: options.only });
    if (options.json) {
      io.stdout.write(`${JSON.stringify({ ...result, node: process.versions.node, date: new Date().toISOString() }, null, 2)}\n`);
      return 0;
    }
    const table = new Table({
      head: ['work', 'median ms', 'min', 'max', 'GFLOP/s', 'tokens/s'],
      colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
      style: { head: [], border: [] },
    });
    for (const row of result.rows)
      table.push([
        row.case,
        row.medianMs.toFixed(2),
        row.minMs.toFixed(2),
        row.maxMs.toFixed(2),
        row.gflops.toFixed(1),
        row.tokensPerSecond === undefined ? '' : row.tokensPerSecond.toFixed(0),
      ]);
    io.stdout.write(`${table.toString()}\n`);
    io.stdout.write(
      `The first ten losses of the LM step are the shared ones, to 4 decimals. ${options.rounds} interleaved samples each; times of a busy machine compare only side by side.\n`,
    );
    return 0;
  } finally {
    device.dispose();
  }
}
