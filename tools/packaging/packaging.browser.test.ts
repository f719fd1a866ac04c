import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchChromium, serveFolder } from '@dla/software-gpu';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const packages = ['core', 'kernels', 'memory', 'models', 'eval'];
const pnpm = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { packageManager: string }).packageManager;
const folder = mkdtempSync(join(tmpdir(), 'dla-packaging-'));
const project = join(folder, 'libraries');
const run = (command: string, parameters: string[], cwd: string): string =>
  execFileSync(command, parameters, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Makes an empty project and installs the packed packages there with plain npm. */
function installInto(target: string, names: readonly string[]): void {
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  const tarball = (name: string): string =>
    `file:${join(folder, tarballs.find((file) => file.startsWith(`dla-${name}-`)) ?? `no tarball of ${name}`)}`;
  const dependencies = Object.fromEntries(names.map((name) => [`@dla/${name}`, tarball(name)]));
  mkdirSync(target);
  writeFileSync(join(target, 'package.json'), JSON.stringify({ name: 'user', version: '1.0.0', type: 'module', private: true, dependencies }));
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], target);
}

/** Runs a module in the empty project, as a user's file would run, and returns what it prints. */
function runModule(source: string): string {
  writeFileSync(join(project, 'user.mjs'), source);
  return run(process.execPath, ['user.mjs'], project).trim();
}

beforeAll(() => {
  for (const name of packages) {
    if (!existsSync(join(root, 'packages', name, 'dist/index.d.ts')))
      throw new Error(`packages/${name}/dist: expected a build with declarations, found none; run npm run build`);
  }
  const filters = [...packages, 'trainer'].flatMap((name) => ['--filter', `@dla/${name}`]);
  run('npx', ['-y', pnpm, '--recursive', ...filters, 'pack', '--pack-destination', folder], root);
  installInto(project, packages);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('installs nothing but the packages themselves', () => {
  expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['@dla']);
  expect(readdirSync(join(project, 'node_modules/@dla')).sort()).toEqual([...packages].sort());
});

it.each(packages)('@dla/%s holds its build and manifest, and nothing that is not for its users', (name) => {
  const installed = join(project, 'node_modules/@dla', name);
  const manifest = readFileSync(join(installed, 'package.json'), 'utf8');
  expect(manifest).not.toContain('workspace:');
  expect(manifest).not.toContain('catalog:');
  expect(readdirSync(installed).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
  expect(existsSync(join(installed, 'dist/index.js'))).toBe(true);
});

it.each([...packages, 'core/testing'])('@dla/%s imports in Node without webgpu', (name) => {
  expect(Number(runModule(`const module = await import('@dla/${name}'); console.log(Object.keys(module).length);`))).toBeGreaterThan(0);
});

/** Writes the TypeScript examples of the READMEs and the guide, one module each; returns how many there are. */
function writeExamples(target: string): number {
  mkdirSync(target);
  const pages = ['README.md', 'docs/guides/memory-in-your-own-model.md', ...packages.map((name) => `packages/${name}/README.md`)];
  const examples = pages.flatMap((page) => readFileSync(join(root, page), 'utf8').match(/(?<=^```ts\n).*?(?=^```)/gms) ?? []);
  for (const [index, code] of examples.entries()) writeFileSync(join(target, `example-${index}.ts`), code);
  return examples.length;
}

it.each([
  ['bundler', 'esnext'],
  ['nodenext', 'nodenext'],
])('declarations and the examples of the READMEs type-check for a strict user with moduleResolution %s', (moduleResolution, module) => {
  const target = join(project, moduleResolution);
  expect(writeExamples(target)).toBeGreaterThanOrEqual(7);
  writeFileSync(join(target, 'testing.ts'), `export * from '@dla/core/testing';\nexport * from '@dla/memory';\n`);
  const types = { types: ['node'], typeRoots: [join(root, 'node_modules/@types')] };
  const strict = { strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, verbatimModuleSyntax: true, skipLibCheck: false };
  const compilerOptions = { ...strict, ...types, target: 'es2022', lib: ['es2022', 'dom'], module, moduleResolution, noEmit: true };
  writeFileSync(join(target, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const checked = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', target], { encoding: 'utf8' });
  expect(checked.stdout).toBe('');
  expect(checked.status).toBe(0);
});

it('every package bundles with Vite and loads in a browser', async () => {
  const names = packages.map((name, index) => `import * as m${index} from '@dla/${name}';`).join('\n');
  const counts = packages.map((_, index) => `Object.keys(m${index}).length`).join(', ');
  writeFileSync(join(project, 'index.html'), '<!doctype html><script type="module" src="./page.js"></script>');
  writeFileSync(join(project, 'page.js'), `${names}\nglobalThis.counts = [${counts}];\n`);
  mkdirSync(join(project, 'out'));
  await build({ root: project, logLevel: 'error', configFile: false, build: { outDir: 'out', emptyOutDir: true, target: 'es2022' } });
  const server = await serveFolder(join(project, 'out'));
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${server.url}/`);
    const counted = await page.evaluate(() => (globalThis as unknown as { counts: number[] }).counts);
    expect(errors).toEqual([]);
    expect(counted).toHaveLength(packages.length);
    for (const count of counted) expect(count).toBeGreaterThan(0);
  } finally {
    await browser.close();
    await server.close();
  }
});

it('the packed trainer installs the dla command', () => {
  const target = join(folder, 'command');
  installInto(target, [...packages, 'trainer']);
  expect(run(join(target, 'node_modules/.bin/dla'), ['--help'], target)).toContain('dla');
});
