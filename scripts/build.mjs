// `npm run build`: every package and app.
import { build, checkNode, install } from './set-up.mjs';

checkNode();
await install();
await build(process.argv.slice(2));
