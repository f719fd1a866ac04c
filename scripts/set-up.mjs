// What the commands of the root share: the Node check, quiet steps with their seconds, install and build when stale.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const state = join(root, 'node_modules/.cache/dla');
const manifest = () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Ends the process with one line unless Node is new enough. */
export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`dla: expected Node 20.19 or newer, found ${version}`);
  process.exit(1);
}

/** Runs a program in the root without showing its output; resolves to its exit code and that output. */
export function runQuiet(command, parameters, environment = {}) {
  return new Promise((done) => {
    const child = spawn(command, parameters, {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    const keep = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => done({ code: 1, output: `${output}${error.message}\n` }));
    child.on('close', (code, signal) => done({ code: code ?? (signal === 'SIGINT' ? 130 : 1), output }));
  });
}

/** One progress line: the label at once, the seconds when done. On failure shows the whole output and ends the process. */
export async function step(label, command, parameters, environment) {
  const begin = performance.now();
  process.stderr.write(`${label} ... `);
  const { code, output } = await runQuiet(command, parameters, environment);
  process.stderr.write(`${((performance.now() - begin) / 1000).toFixed(1)} s${code === 0 ? '' : ', failed'}\n`);
  if (code === 0) return;
  process.stderr.write(output);
  process.exit(code);
}

/** Command and parameters that run the pinned pnpm, which npm fetches: nothing but Node and npm need be installed. */
export function pnpm(...parameters) {
  return ['npx', ['-y', manifest().packageManager, ...parameters]];
}

function remembered(name) {
  const path = join(state, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function remember(name, text) {
  mkdirSync(state, { recursive: true });
  writeFileSync(join(state, name), text);
}

function folders(parent) {
  const path = join(root, parent);
  return existsSync(path) ? readdirSync(path).map((name) => join(parent, name)) : [];
}

const members = () => [...folders('packages'), ...folders('apps'), ...folders('tools')];

function installKey() {
  const hash = createHash('sha256');
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...members().map((folder) => join(folder, 'package.json'))];
  for (const file of files) if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** Installs the dependencies that the lockfile names, unless that was done. */
export async function install() {
  const key = installKey();
  if (remembered('installed') === key) return;
  await step('installing', ...pnpm('install', '--frozen-lockfile'));
  remember('installed', key);
}

/** Latest modification time, in milliseconds, of the files under a path; generated files and outputs do not count. */
export function newest(path) {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status) return 0;
  if (!status.isDirectory()) return status.mtimeMs;
  let latest = 0;
  for (const name of readdirSync(path)) {
    if (name === 'node_modules' || name === 'dist' || name === 'generated' || name.startsWith('.')) continue;
    latest = Math.max(latest, newest(join(path, name)));
  }
  return latest;
}

const trainerFilter = '--filter=@dla/trainer...';
const trainerEntry = join(root, 'apps/trainer/dist/main.js');

/** Builds what the command line needs, unless no source is newer than the last build. Returns the path of its entry. */
export async function buildTrainer() {
  const sources = ['packages', 'apps/trainer', 'tsup.base.ts', 'tsconfig.base.json', 'tsconfig.build.json', 'turbo.json', 'pnpm-lock.yaml'];
  const latest = Math.max(...sources.map((path) => newest(join(root, path))));
  if (existsSync(trainerEntry) && Number(remembered('built')) > latest) return trainerEntry;
  await build([trainerFilter], { DLA_DECLARATIONS: '0' });
  return trainerEntry;
}

/** Runs the packages' build tasks through turbo, in the order of their arrows. */
export async function build(parameters = [], environment = {}) {
  const begin = Date.now();
  await step('building', ...pnpm('exec', 'turbo', 'run', 'build', '--output-logs=errors-only', ...parameters), {
    ...environment,
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
  });
  if (parameters.length === 0 || parameters[0] === trainerFilter) remember('built', String(begin));
}

/**
 * Runs the built command line in this process, with the user's folder as working folder: its streams, signals and exit code
 * are the user's own.
 */
export async function runTrainer(entry, parameters) {
  process.chdir(process.env.INIT_CWD ?? process.cwd());
  process.argv = [process.argv[0], entry, ...parameters];
  await import(new URL(`file://${entry}`).href);
}

/** Whether this module is the program that Node was started with. */
export function isMain(url) {
  return process.argv[1] !== undefined && fileURLToPath(url) === join(dirname(process.argv[1]), process.argv[1].split(/[\\/]/).at(-1));
}
