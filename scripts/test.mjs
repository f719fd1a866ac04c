// `npm test`: installs, builds, then runs every test (kernels on a software GPU and a headless browser included) and counts them.
// The last line is `N passed, N failed`, with `, N skipped` where there are any. Parameters go to vitest.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, checkNode, install, isMain, root } from './set-up.mjs';

/**
 * The closing line of a run, from the numbers of vitest's JSON report and its exit code. A file that failed before its
 * tests, and a failure outside any test, count as one failure each.
 */
export function closingLine(report, code) {
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  const counted = report.numFailedTests + broken;
  const failed = counted === 0 && code !== 0 ? 1 : counted;
  const skipped = report.numPendingTests + report.numTodoTests;
  return `${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

async function main() {
  checkNode();
  await install();
  await build();
  const folder = join(root, 'test-results');
  const file = join(folder, 'vitest.json');
  mkdirSync(folder, { recursive: true });
  rmSync(file, { force: true });
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const parameters = [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...process.argv.slice(2)];
  const child = spawn(process.execPath, parameters, { cwd: root, stdio: 'inherit' });
  process.on('SIGINT', () => {});
  const code = await new Promise((done) => {
    child.on('close', (status) => done(status ?? 1));
  });
  try {
    console.log(closingLine(JSON.parse(readFileSync(file, 'utf8')), code));
  } catch {
    console.log('0 passed, 1 failed');
    process.exit(code === 0 ? 1 : code);
  }
  process.exit(code);
}

if (isMain(import.meta.url)) await main();
