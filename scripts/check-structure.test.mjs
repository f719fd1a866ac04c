import { expect, it } from 'vitest';
import { checkStructure, importCycles, importsOf } from './check-structure.mjs';

const check = (files) => checkStructure(new Map(Object.entries(files)));
const core = (op) => Object.fromEntries(['op', 'cpu', 'grad', 'cases', `${op}.test`].map((name) => [`packages/core/src/ops/${op}/${name}.ts`, '']));

it('accepts a tree in order', () => {
  const files = {
    ...core('add'),
    'packages/core/src/ops/view/op.ts': "import { r } from '../add/cpu.js';\nexport const o = { gradient: null };\n",
    'packages/core/src/ops/view/cases.ts': '',
    'packages/core/src/ops/view/view.test.ts': '',
    'packages/core/src/index.ts': "export { a } from './a.js';\n",
    'packages/core/src/a.ts': '// A GPUDevice in prose is no use of one.\nexport const a = 1;\n',
    'packages/kernels/src/ops/add/launch.ts': "import { a } from '@dla/core';\nimport { create } from 'webgpu';\nlet d: GPUDevice;\n",
    'packages/kernels/src/ops/add/add.gpu.test.ts': "import { prepareSoftwareAdapter } from '@dla/software-gpu';\n",
    'packages/kernels/src/ops/add/add.parallel.fwd.wgsl': 'fn main() {}\n',
    'packages/memory/src/ops/segment/README.md': '',
    'packages/memory/src/ops/segment/segment.test.ts': '',
    'packages/memory/package.json': '{"dependencies": {"@dla/core": "workspace:^"}}',
    'apps/trainer/src/main.ts': "import { a } from '@dla/eval';\n",
  };
  expect(check(files)).toEqual([]);
});

it.each([
  ['an arrow to the right', { 'packages/core/src/a.ts': "import { b } from '@dla/kernels';\n" }, "imports '@dla/kernels' against the arrows"],
  ['a package that imports itself by name', { 'packages/core/src/a.ts': "import { b } from '@dla/core/testing';\n" }, 'against the arrows'],
  ['a type import to the right', { 'packages/memory/src/a.ts': "import type { B } from '@dla/models';\n" }, 'against the arrows'],
  ['a dynamic import to the right', { 'packages/core/src/a.ts': "const b = await import('@dla/eval');\n" }, 'against the arrows'],
  ['an import of an app', { 'packages/eval/src/a.ts': "import '@dla/trainer';\n" }, 'which no package may import'],
  ['a path into another package', { 'packages/memory/src/a.ts': "export * from '../../core/src/a.js';\n" }, 'from outside its package'],
  ['the software GPU outside tests', { 'packages/kernels/src/a.ts': "import { testAdapter } from '@dla/software-gpu';\n" }, 'for tests only'],
  ['webgpu outside kernels', { 'apps/trainer/src/a.ts': "const { create } = await import('webgpu');\n" }, "imports 'webgpu'"],
  ['navigator.gpu outside kernels', { 'packages/core/src/a.ts': 'const gpu = navigator.gpu;\n' }, "uses 'navigator.gpu'"],
  ['a GPU type outside kernels', { 'packages/models/src/a.ts': 'export let device: GPUDevice;\n' }, "uses 'GPUDevice'"],
  ['a long file', { 'packages/core/src/a.ts': '\n'.repeat(501) }, 'expected at most 500 lines, found 501'],
  ['a name that is not kebab-case', { 'packages/core/src/someThing.ts': '' }, 'kebab-case'],
  ['an op without a reference', { 'packages/core/src/ops/add/op.ts': '' }, 'packages/core/src/ops/add: expected cpu.ts'],
  ['an op without a gradient rule', { 'packages/core/src/ops/add/op.ts': '' }, 'packages/core/src/ops/add: expected grad.ts'],
  ['a kernel without a twin', { 'packages/kernels/src/ops/mul/launch.ts': '' }, 'expected a twin packages/core/src/ops/mul'],
  ['a kernel without a GPU test', { ...core('add'), 'packages/kernels/src/ops/add/launch.ts': '' }, 'expected a .gpu.test.ts'],
  ['a WGSL file named otherwise', { 'packages/memory/src/ops/segment/other.fwd.wgsl': '' }, 'expected a kernel named segment.'],
  ['a memory op without a README', { 'packages/memory/src/ops/segment/op.ts': '' }, 'expected README.md'],
  ['a run-time dependency', { 'packages/core/package.json': '{"dependencies": {"zod": "4"}}' }, "'zod' is a run-time dependency"],
  ['a required peer', { 'packages/kernels/package.json': '{"peerDependencies": {"webgpu": "0.6"}}' }, "'webgpu' must be optional"],
  ['a registry host', { 'docs/a.md': ['registry', 'npmjs.org'].join('.') }, 'a registry host'],
  ['a path of one machine', { 'docs/a.md': `see ${['', 'home', 'someone'].join('/')}` }, 'a path of one machine'],
])('refuses %s', (_, files, message) => {
  expect(check(files).join('\n')).toContain(message);
});

it('tells an import cycle once, and lets imports of types be', () => {
  const cycle = { 'packages/core/src/a.ts': "import { b } from './b.js';", 'packages/core/src/b.ts': "export { c } from './c.js';" };
  const files = (c) => new Map(Object.entries({ ...cycle, 'packages/core/src/c.ts': c }));
  const paths = ['a', 'b', 'c'].map((name) => `packages/core/src/${name}.ts`);
  expect(importCycles(files("import { a } from './a.js';"))).toEqual([paths]);
  expect(importCycles(files("import type { A } from './a.js';"))).toEqual([]);
  expect(check(Object.fromEntries(files("import { a } from './a.js';"))).join()).toContain('import cycle a.ts -> b.ts -> c.ts -> a.ts');
});

it('finds imports over several lines and none in comments', () => {
  const text =
    "import {\n  a,\n  type B,\n} from 'one';\n// import x from 'two';\n/* export * from 'three'; */\nimport 'four';\nexport type { C } from 'five';\n";
  expect(importsOf(text)).toEqual([
    { name: 'one', typeOnly: false },
    { name: 'five', typeOnly: true },
    { name: 'four', typeOnly: false },
  ]);
});
