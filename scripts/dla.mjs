// `npm run dla -- <command>`: the command line from the checkout, installed and built first where that is needed.
import { buildTrainer, checkNode, install, runTrainer } from './set-up.mjs';

checkNode();
await install();
await runTrainer(await buildTrainer(), process.argv.slice(2));
