#!/usr/bin/env node
import { run } from './cli.js';
import { version } from './package-files.js';

// A reader that went away (`dla generate ... | head`) ends the command; messages nobody reads do not end a training run.
process.stdout.on('error', () => process.exit(0));
process.stderr.on('error', () => {});

process.exitCode = await run(
  process.argv.slice(2),
  { stdout: process.stdout, stderr: process.stderr, env: process.env },
  { version, handlers: async () => (await import('./handlers/index.js')).handlers },
);
