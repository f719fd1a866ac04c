// `npm run build`: every package and app.
import { build, checkNode, install } from './set-up.mjs';

checkNode();
await install('all');
await build('building', ...process.argv.slice(2));
