import { numberWithin } from '../config/flags.js';
import type { BenchOptions, DefineCommand } from './handlers.js';
import { addDeviceFlags, deviceOptions } from './model-options.js';

export const define: DefineCommand<BenchOptions> = (command) => {
  command
    .argument('[names...]', 'measurements to make; all if none is named')
    .option('--rounds <number>', 'samples of each measurement', numberWithin(1, 10_000), 5)
    .option('--json', 'print JSON');
  addDeviceFlags(command);
  return () => {
    const { rounds, json } = command.opts<{ rounds: number; json?: boolean }>();
    return { only: command.args, rounds, json: json === true, ...deviceOptions(command) };
  };
};
