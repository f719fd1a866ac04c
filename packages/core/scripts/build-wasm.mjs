// Compiles assembly/ to WebAssembly and writes it, inlined, to src/backend/cpu/wasm/generated/kernels.ts. Does nothing when that file is up to date.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const output = here('../src/backend/cpu/wasm/generated/kernels.ts');
const options = '--runtime stub --use abort= --noAssert --importMemory --initialMemory 1 --enable simd -O3 --converge'.split(' ');
const builds = {
  sharedKernels: ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'],
  unsharedKernels: ['--maximumMemory', '65536'],
};

const sources = {};
for (const name of (await readdir(here('../assembly'))).filter((name) => name.endsWith('.ts')).sort())
  sources[name] = await readFile(here(`../assembly/${name}`), 'utf8');
const hash = createHash('sha256')
  .update(JSON.stringify([sources, await readFile(here('build-wasm.mjs'), 'utf8')]))
  .digest('hex');
const present = await readFile(output, 'utf8').catch(() => '');
if (!present.startsWith(`// ${hash}`)) await build();

async function build() {
  const { default: asc } = await import('assemblyscript/asc');
  const lines = [`// ${hash}`];
  for (const [name, extra] of Object.entries(builds))
    lines.push(`export const ${name}: string =\n  '${Buffer.from(await compile(asc, extra)).toString('base64')}';`);
  await mkdir(here('../src/backend/cpu/wasm/generated'), { recursive: true });
  // A rename is atomic: processes that build at the same time never read half a file.
  const partial = `${output}.${process.pid}`;
  await writeFile(partial, `${lines.join('\n')}\n`);
  await rename(partial, output);
}

async function compile(asc, extra) {
  let binary;
  const { error, stderr } = await asc.main(['index.ts', ...options, ...extra, '--outFile', 'kernels.wasm'], {
    readFile: (name) => sources[name] ?? null,
    writeFile: (_, contents) => {
      binary = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`assembly: ${error.message}\n${stderr}`);
  return binary;
}
