import { execFileSync } from 'node:child_process';
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
const project = mkdtempSync(join(tmpdir(), 'dla-packaging-'));
const run = (command: string, parameters: string[], cwd: string): string =>
  execFileSync(command, parameters, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Runs a module in the empty project, as a user's file would run, and returns what it prints. */
function runModule(source: string): string {
  writeFileSync(join(project, 'user.mjs'), source);
  return run(process.execPath, ['user.mjs'], project).trim();
}

beforeAll(() => {
  for (const name of packages) {
    const folder = join(root, 'packages', name);
    if (!existsSync(join(folder, 'dist/index.js'))) throw new Error(`packages/${name}/dist: expected a build, found none; run npm run build`);
  }
  run('npx', ['-y', pnpm, '--recursive', ...packages.flatMap((name) => ['--filter', `@dla/${name}`]), 'pack', '--pack-destination', project], root);
  const tarballs = readdirSync(project).filter((name) => name.endsWith('.tgz'));
  const dependencies = Object.fromEntries(
    packages.map((name) => [`@dla/${name}`, `file:./${tarballs.find((file) => file.startsWith(`dla-${name}-`))}`]),
  );
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'user', version: '1.0.0', type: 'module', private: true, dependencies }));
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], project);
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

it('installs nothing but the packages themselves', () => {
  expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['@dla']);
  expect(readdirSync(join(project, 'node_modules/@dla')).sort()).toEqual([...packages].sort());
});

it.each(packages)('@dla/%s holds its build and manifest, and nothing that is not for its users', (name) => {
  const folder = join(project, 'node_modules/@dla', name);
  const manifest = readFileSync(join(folder, 'package.json'), 'utf8');
  expect(manifest).not.toContain('workspace:');
  expect(manifest).not.toContain('catalog:');
  const allowed = ['LICENSE', 'README.md', 'dist', 'package.json'];
  expect(readdirSync(folder).filter((entry) => !allowed.includes(entry))).toEqual([]);
  expect(existsSync(join(folder, 'dist/index.js'))).toBe(true);
});

it.each([...packages, 'core/testing'])('@dla/%s imports in Node without webgpu', (name) => {
  expect(Number(runModule(`const module = await import('@dla/${name}'); console.log(Object.keys(module).length);`))).toBeGreaterThan(0);
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
