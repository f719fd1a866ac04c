import type { Handlers } from '../commands/handlers.js';
import { bench } from './bench.js';
import { doctor } from './doctor.js';
import { generate } from './generate.js';
import { inspect } from './inspect.js';
import { runTraining } from './run.js';
import { start } from './start.js';

/** What runs behind the commands. */
export const handlers: Handlers = {
  start,
  train: async ({ config, resume }, io) => (await runTraining(config, resume ? 'resume' : 'new', io)).exitCode,
  generate,
  inspect,
  bench,
  doctor,
};
