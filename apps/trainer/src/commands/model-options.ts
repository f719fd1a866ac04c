import type { Command } from 'commander';
import { addConfigFlags } from '../config/flags.js';
import type { DeviceName } from './handlers.js';

/** `--device` and `--threads`, as in the config. */
export function addDeviceFlags(command: Command): void {
  addConfigFlags(command, ({ path }) => path === 'device' || path === 'threads');
}

export function deviceOptions(command: Command): { device: DeviceName; threads: number } {
  const { device, threads } = command.opts<{ device?: DeviceName; threads?: number }>();
  return { device: device ?? 'auto', threads: threads ?? 0 };
}
