import { addConfigFlags, configFromCommand } from '../config/flags.js';
import type { DefineCommand, TrainOptions } from './handlers.js';

export const define: DefineCommand<TrainOptions> = (command) => {
  command.option('-c, --config <file>', 'config file (YAML); flags go over it').option('--resume', 'go on from the newest checkpoint in --out');
  addConfigFlags(command);
  return () => {
    const { config, resume } = command.opts<{ config?: string; resume?: boolean }>();
    return { config: configFromCommand(command, config), resume: resume === true };
  };
};
