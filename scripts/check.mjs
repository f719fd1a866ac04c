// `npm run check`: types, lint and format, structure, unused code, and what would be published. Every check runs; one failure fails all.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, checkNode, install, pnpm, root, runQuiet } from './set-up.mjs';

checkNode();
await install();
await build();

const bin = (name, ...parameters) => [join(root, 'node_modules/.bin', name), parameters];
const checks = [
  ['types', ...bin('tsc', '-p', 'tsconfig.json')],
  ['playground types', ...pnpm('--filter', '@dla/playground', 'run', 'check')],
  ['lint and format', ...bin('biome', 'ci', '--error-on-warnings', '.')],
  ['structure', process.execPath, ['scripts/check-structure.mjs']],
  ['unused code', ...bin('knip')],
  ...readdirSync(join(root, 'packages')).map((name) => [
    `publish ${name}`,
    ...bin('publint', 'run', `packages/${name}`, '--strict', '--pack', 'npm'),
  ]),
  ['publish trainer', ...bin('publint', 'run', 'apps/trainer', '--strict', '--pack', 'npm')],
];
let failed = 0;
for (const [label, command, parameters] of checks) {
  const begin = performance.now();
  const { code, output } = await runQuiet(command, parameters);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${label} (${((performance.now() - begin) / 1000).toFixed(1)} s)`);
  if (code !== 0) {
    failed += 1;
    process.stdout.write(output);
  }
}
console.log(failed === 0 ? 'all checks passed' : `${failed} of ${checks.length} checks failed`);
process.exit(failed === 0 ? 0 : 1);
