// `npm start`: install, build, then train a small model on real text, generate, and draw its memory.
import { buildTrainer, checkNode, install, runTrainer } from './set-up.mjs';

checkNode();
await install();
await runTrainer(await buildTrainer(), ['start', ...process.argv.slice(2)]);
