import { nonEmpty, numberWithin } from '../config/flags.js';
import { readBytes } from '../data/read-file.js';
import type { DefineCommand, InspectOptions } from './handlers.js';
import { addDeviceFlags, deviceOptions } from './model-options.js';
import { oneText } from './text-option.js';

export const define: DefineCommand<InspectOptions> = (command) => {
  command
    .argument('<model>', 'checkpoint folder, or run folder: then its newest checkpoint')
    .option('--text <text>', 'text to read')
    .option('--file <file>', 'the same, from a file')
    .option('--layer <number>', 'layer to show, from 0', numberWithin(0, 100_000), 0)
    .option('--head <number>', 'head to show, from 0', numberWithin(0, 100_000), 0)
    .option('--html <file>', 'write all layers and heads as a page that needs nothing else');
  addDeviceFlags(command);
  return () => {
    const { text, file, layer, head, html } = command.opts<{ text?: string; file?: string; layer: number; head: number; html?: string }>();
    return {
      model: nonEmpty('<model>', command.args[0] ?? ''),
      text: oneText('--text', text, '--file', file, readBytes),
      layer,
      head,
      html,
      ...deviceOptions(command),
    };
  };
};
