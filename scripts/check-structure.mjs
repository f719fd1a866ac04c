// Checks what reviewers should not have to: arrows, cycles, folder shape, file length, GPU access, dependencies, leaked paths.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { isMain, root } from './set-up.mjs';

const order = ['core', 'kernels', 'memory', 'models', 'eval'];
const withoutDependencies = ['core', 'kernels', 'memory'];
const lineLimit = 500;
const isTest = (path) => /\.(test|bench)\.ts$/.test(path);
const isSource = (path) => /^(packages|apps|tools)\/[^/]+\/.*\.(ts|svelte|wgsl)$/.test(path);

/** The text without comments, so that prose about a GPU type is no use of it. Strings keep their length and place. */
function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\/|(^|[^:'"`\\])\/\/[^\n]*/g, '$1');
}

/** Module names that a file imports or re-exports, with whether only types are. */
export function importsOf(text) {
  const code = withoutComments(text);
  const found = [];
  for (const [, type, name] of code.matchAll(/(?:^|[\n;])\s*(?:import|export)\s+(type\s)?[^'";]*?\bfrom\s*['"]([^'"]+)['"]/g)) {
    found.push({ name, typeOnly: type !== undefined });
  }
  for (const [, name] of code.matchAll(/(?:^|[\n;])\s*import\s*['"]([^'"]+)['"]/g)) found.push({ name, typeOnly: false });
  for (const [, name] of code.matchAll(/\bimport\s*\(\s*['"]([^'"]+)['"]/g)) found.push({ name, typeOnly: false });
  return found;
}

const memberOf = (path) => path.split('/').slice(0, 2).join('/');

function checkArrows(path, text, problems) {
  const member = memberOf(path);
  const rank = member.startsWith('packages/') ? order.indexOf(basename(member)) : order.length;
  for (const { name } of importsOf(text)) {
    if (name.startsWith('.') && memberOf(posix.join(dirname(path), name)) !== member && /\/src\//.test(path)) {
      problems.push(`${path}: imports '${name}' from outside its package; import the package by name`);
    }
    const target = /^@dla\/([a-z-]+)/.exec(name)?.[1];
    if (!target) continue;
    if (target === 'software-gpu') {
      if (!isTest(path) && !path.startsWith('tools/')) problems.push(`${path}: imports '${name}', which is for tests only`);
    } else if (!order.includes(target)) {
      problems.push(`${path}: imports '${name}', which no package may import`);
    } else if (order.indexOf(target) >= rank) {
      problems.push(`${path}: imports '${name}' against the arrows ${order.join(' <- ')} <- apps`);
    }
  }
}

/**
 * Import cycles among the files of one package, each told once, as the list of its files. Imports of types alone vanish and do
 * not count, nor do those of a gradient rule: it runs long after loading, and the gradient of an op is often made of that op.
 */
export function importCycles(files) {
  const edges = new Map();
  for (const [path, text] of files) {
    if (!path.endsWith('.ts') || !/\/src\//.test(path) || basename(path) === 'grad.ts') continue;
    const targets = importsOf(text)
      .filter(({ name, typeOnly }) => name.startsWith('.') && !typeOnly)
      .map(({ name }) => posix.join(dirname(path), name).replace(/\.js$/, '.ts'));
    edges.set(
      path,
      targets.filter((target) => files.has(target)),
    );
  }
  const cycles = [];
  const finished = new Set();
  const visit = (path, trail) => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push(trail.slice(start));
    if (start >= 0 || finished.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    finished.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return cycles;
}

function checkGpuAccess(path, text, problems) {
  const mayTouch = path.startsWith('packages/kernels/') || path.startsWith('tools/') || /\.(gpu|browser)\.test\.ts$/.test(path);
  if (mayTouch || path.endsWith('.wgsl')) return;
  if (importsOf(text).some(({ name }) => name === 'webgpu')) problems.push(`${path}: imports 'webgpu'; only packages/kernels may`);
  const use = /\bnavigator\s*\.\s*gpu\b|\bGPU[A-Z]\w+/.exec(withoutComments(text));
  if (use) problems.push(`${path}: uses '${use[0]}'; only packages/kernels may touch a GPU API`);
}

/** Names of the folders directly under `parent`, with the files each holds. */
function foldersUnder(files, parent) {
  const found = new Map();
  for (const path of files.keys()) {
    if (!path.startsWith(`${parent}/`)) continue;
    const [name, ...rest] = path.slice(parent.length + 1).split('/');
    if (rest.length > 0) found.set(name, [...(found.get(name) ?? []), rest.join('/')]);
  }
  return found;
}

function checkOpFolders(files, problems) {
  const need = (folder, names, wanted, label = wanted) => {
    const present = typeof wanted === 'string' ? names.includes(wanted) : names.some((name) => wanted.test(name));
    if (!present) problems.push(`${folder}: expected ${label}, found ${names.join(', ')}`);
  };
  const core = foldersUnder(files, 'packages/core/src/ops');
  for (const [op, names] of core) {
    const folder = `packages/core/src/ops/${op}`;
    const contract = files.get(`${folder}/op.ts`) ?? '';
    for (const wanted of ['op.ts', 'cases.ts', `${op}.test.ts`]) need(folder, names, wanted);
    if (!/gradient: null\b/.test(contract)) need(folder, names, 'grad.ts');
    if (!/from '\.\.\/[a-z-]+\/cpu\.js'/.test(contract)) need(folder, names, 'cpu.ts');
  }
  for (const [op, names] of foldersUnder(files, 'packages/kernels/src/ops')) {
    const folder = `packages/kernels/src/ops/${op}`;
    if (!core.has(op)) problems.push(`${folder}: expected a twin packages/core/src/ops/${op}, found none`);
    need(folder, names, 'launch.ts');
    need(folder, names, /\.gpu\.test\.ts$/, 'a .gpu.test.ts');
  }
  for (const [op, names] of foldersUnder(files, 'packages/memory/src/ops')) {
    if (op.endsWith('-grad') && files.has(`packages/memory/src/ops/${op.slice(0, -5)}/README.md`)) continue;
    const folder = `packages/memory/src/ops/${op}`;
    need(folder, names, 'README.md');
    need(folder, names, /\.test\.ts$/, 'a .test.ts');
  }
}

function checkNames(path, problems) {
  const name = basename(path);
  if (/^(packages|tools)\/[^/]+\/src\//.test(path) && /\.(ts|wgsl|mjs)$/.test(path) && !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)+$/.test(name)) {
    problems.push(`${path}: expected a kebab-case file name`);
  }
  const op = /\/ops\/([^/]+)\/[^/]+\.wgsl$/.exec(path)?.[1];
  if (op && !name.startsWith(`${op}.`)) problems.push(`${path}: expected a kernel named ${op}.<form>.<fwd|bwd>.wgsl`);
}

function checkManifest(path, text, problems) {
  const name = /^packages\/([^/]+)\/package\.json$/.exec(path)?.[1];
  if (!withoutDependencies.includes(name)) return;
  const manifest = JSON.parse(text);
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    if (!dependency.startsWith('@dla/')) problems.push(`${path}: '${dependency}' is a run-time dependency; @dla/${name} has none`);
  }
  for (const dependency of Object.keys(manifest.peerDependencies ?? {})) {
    if (!manifest.peerDependenciesMeta?.[dependency]?.optional) problems.push(`${path}: peer dependency '${dependency}' must be optional`);
  }
}

const leaks = [
  [/\bregistry\.(?:npmjs|yarnpkg)\b|\bnpmmirror\b/, 'a registry host'],
  [/(?:^|[\s'"`(=:,])\/(?:work|root|home|Users)\/[\w.-]/m, 'a path of one machine'],
];

/** Every broken rule, one line each that starts with the file. `files` maps paths (with `/`, from the root) to their texts. */
export function checkStructure(files) {
  const problems = [];
  for (const [path, text] of files) {
    const lines = text.split('\n').length - 1;
    if (isSource(path)) {
      if (lines > lineLimit) problems.push(`${path}: expected at most ${lineLimit} lines, found ${lines}`);
      if (!path.endsWith('.wgsl')) checkArrows(path, text, problems);
      checkGpuAccess(path, text, problems);
      checkNames(path, problems);
    }
    checkManifest(path, text, problems);
    for (const [pattern, what] of leaks) {
      const found = pattern.exec(text);
      if (found) problems.push(`${path}: holds ${what}: '${found[0].trim()}'`);
    }
  }
  for (const cycle of importCycles(files))
    problems.push(`${cycle[0]}: import cycle ${[...cycle, cycle[0]].map((path) => basename(path)).join(' -> ')}`);
  checkOpFolders(files, problems);
  return problems;
}

/** Text files that git tracks or would add, by path. */
function repositoryFiles() {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  const files = new Map();
  for (const path of listed.split('\0')) {
    if (path === '' || !existsSync(join(root, path))) continue;
    const bytes = readFileSync(join(root, path));
    if (!bytes.subarray(0, 8192).includes(0)) files.set(path, bytes.toString('utf8'));
  }
  return files;
}

if (isMain(import.meta.url)) {
  const files = repositoryFiles();
  const problems = checkStructure(files);
  for (const problem of problems) console.error(problem);
  console.log(problems.length === 0 ? `structure: ${files.size} files in order` : `structure: ${problems.length} problems`);
  process.exit(problems.length === 0 ? 0 : 1);
}
