import { nonEmpty, numberWithin } from '../config/flags.js';
import { readBytes } from '../data/read-file.js';
import type { DefineCommand, GenerateOptions } from './handlers.js';
import { addDeviceFlags, deviceOptions } from './model-options.js';
import { oneText } from './text-option.js';

export const define: DefineCommand<GenerateOptions> = (command) => {
  command
    .argument('<model>', 'checkpoint folder, or run folder: then its newest checkpoint')
    .option('-p, --prompt <text>', 'text to go on from')
    .option('--prompt-file <file>', 'the same, from a file')
    .option('-n, --tokens <number>', 'bytes to write [tokens]', numberWithin(1, 100_000_000), 400)
    .option('-t, --temperature <number>', 'above 0: how evenly to draw; 0: always the likeliest', numberWithin(0, 100, false), 0.8)
    .option('--top-k <number>', 'draw among the k likeliest; 0 for all', numberWithin(0, 1_000_000), 0)
    .option('--top-p <number>', 'draw among the likeliest that hold this share', numberWithin(0, 1, false), 1)
    .option('--seed <number>', 'seed of the draws', numberWithin(0, 2 ** 32 - 1), 0)
    .option('--map', 'draw the memory of the text at the end');
  addDeviceFlags(command);
  return () => {
    const options = command.opts<{
      prompt?: string;
      promptFile?: string;
      tokens: number;
      temperature: number;
      topK: number;
      topP: number;
      seed: number;
      map?: boolean;
    }>();
    const prompt = oneText('--prompt', options.prompt, '--prompt-file', options.promptFile, readBytes);
    const { tokens, temperature, topK, topP, seed } = options;
    return {
      model: nonEmpty('<model>', command.args[0] ?? ''),
      prompt,
      tokens,
      temperature,
      topK,
      topP,
      seed,
      map: options.map === true,
      ...deviceOptions(command),
    };
  };
};
