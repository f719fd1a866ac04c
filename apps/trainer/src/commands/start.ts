import { addConfigFlags, configFromCommand, nonEmpty, numberWithin } from '../config/flags.js';
import { presetFile } from '../package-files.js';
import type { DefineCommand, StartOptions } from './handlers.js';

export const define: DefineCommand<StartOptions> = (command) => {
  command
    .option('-c, --config <file>', 'config file (YAML) in place of the preset')
    .option('--prompt <text>', 'what the paragraph begins with', 'Call me Ishmael. ')
    .option('--tokens <number>', 'bytes to write [tokens]', numberWithin(1, 1_000_000), 400);
  addConfigFlags(command);
  return () => {
    const { config, prompt, tokens } = command.opts<{ config?: string; prompt: string; tokens: number }>();
    return { config: configFromCommand(command, config ?? presetFile('start')), prompt: nonEmpty('--prompt', prompt), tokens };
  };
};
