import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createCpuDevice } from '@dla/core';
import { defaultConfig, Generator, initialise, type LanguageModelConfig, saveWeights } from '@dla/models';
import { launchChromium, type ServeOptions, type StaticServer, serveFolder } from '@dla/software-gpu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CharacterStream } from './text/characters.js';

type Browser = Awaited<ReturnType<typeof launchChromium>>;
type Page = Awaited<ReturnType<Browser['newPage']>>;

const payload = '<img src=x onerror=alert(1)>';
const payloads: readonly string[] = [
  payload,
  '<script>alert(1)</script>',
  '"><script>alert(1)</script>',
  "'><img src=x onerror=alert(1)>",
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<iframe src=javascript:alert(1)></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<body onload=alert(1)>',
  '<details open ontoggle=alert(1)>',
  '<input autofocus onfocus=alert(1)>',
  '<video src=x onerror=alert(1)></video>',
  '<audio src=x onerror=alert(1)>',
  '<object data=javascript:alert(1)>',
  '<embed src=javascript:alert(1)>',
  '<a href=javascript:alert(1)>x</a>',
  '<math><mtext></p><img src=x onerror=alert(1)></mtext></math>',
  '<template><img src=x onerror=alert(1)></template>',
  '<noscript><img src=x onerror=alert(1)></noscript>',
  '<style>@import "http://127.0.0.1:9/x";</style>',
  '<link rel=stylesheet href=http://127.0.0.1:9/x>',
  '<meta http-equiv=refresh content="0;url=http://127.0.0.1:9/">',
  '<base href=http://127.0.0.1:9/>',
  '<form action=http://127.0.0.1:9/><button>x</button></form>',
  '<!--><img src=x onerror=alert(1)>-->',
  '{@html "<img src=x onerror=alert(1)>"}',
  '{alert(1)}',
  '{{alert(1)}}',
  '&lt;img src=x onerror=alert(1)&gt;',
  'javascript:alert(1)',
];
const prompt = `Call me Ishmael. ${payload} Größe`;
const length = 64;
const config: LanguageModelConfig = {
  ...defaultConfig,
  dModel: 32,
  layers: 2,
  headDim: 16,
  stateSize: 8,
  memory: { ...defaultConfig.memory, capacity: 6, merge: 'weakest' },
};

let browser: Browser;
let folder: string;
let site: string;
let checkpoint: string;
let expected: string;
const servers: StaticServer[] = [];

async function writeCheckpoint(target: string, made: LanguageModelConfig = config): Promise<string> {
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'config.json'), JSON.stringify(made));
  await writeFile(join(target, 'weights.safetensors'), await saveWeights(initialise(made, 3)));
  return target;
}

/** What the generator gives in Node on the CPU, as the page shows it. */
async function referenceText(): Promise<string> {
  const device = await createCpuDevice({ threads: 1 });
  const generator = new Generator(config, initialise(config, 3), device);
  const stream = new CharacterStream();
  for await (const { ids } of generator.generate({ prompt: [...new TextEncoder().encode(prompt)], maxTokens: length, temperature: 0, trace: true }))
    stream.push(ids);
  generator.dispose();
  device.dispose();
  return stream.characters.map(({ text }) => text).join('');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dla-playground-'));
  site = join(folder, 'site');
  const require = createRequire(import.meta.url);
  const vite = join(dirname(require.resolve('vite/package.json')), 'bin/vite.js');
  const { NODE_ENV: _, ...environment } = process.env;
  execFileSync(process.execPath, [vite, 'build', '--outDir', site, '--emptyOutDir', '--logLevel', 'warn'], {
    cwd: join(import.meta.dirname, '..'),
    env: environment,
    stdio: 'pipe',
  });
  checkpoint = await writeCheckpoint(join(folder, `run ${payload}`));
  expected = await referenceText();
  browser = await launchChromium();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  for (const server of servers) await server.close();
  await rm(folder, { recursive: true, force: true });
});

interface Visit {
  readonly page: Page;
  readonly origin: string;
  /** Console errors and warnings, uncaught errors, dialogs, policy violations. */
  readonly complaints: string[];
  readonly requests: string[];
}

async function visit(options: ServeOptions = {}, root = site): Promise<Visit> {
  const server = await serveFolder(root, options);
  servers.push(server);
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => void (['error', 'warning'].includes(message.type()) && complaints.push(`${message.type()}: ${message.text()}`)));
  page.on('pageerror', (error) => void complaints.push(`uncaught: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on('request', (request) => void requests.push(request.url()));
  await page.exposeFunction('reportViolation', (text: string) => void complaints.push(`policy: ${text}`));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      const { reportViolation } = globalThis as unknown as { reportViolation: (text: string) => void };
      reportViolation(`${event.effectiveDirective} ${event.blockedURI}`);
    });
  });
  await page.goto(`${server.url}/`);
  return { page, origin: server.url, complaints, requests };
}

async function open(page: Page, device: 'WebGPU' | 'CPU', path = checkpoint): Promise<void> {
  await page.getByText(device, { exact: true }).click();
  await page.getByTestId('folder').setInputFiles(path);
  await page.getByTestId('model-name').waitFor({ timeout: 60_000 });
}

/** Greedy, unless a temperature is given. */
async function write(page: Page, tokens: number, temperature = '0'): Promise<void> {
  await page.getByTestId('prompt').fill(prompt);
  await page.getByTestId('length').fill(String(tokens));
  await page.getByTestId('temperature').fill(temperature);
  await page.getByTestId('run').click();
}

async function finished(page: Page): Promise<string> {
  const status = page.getByTestId('status').filter({ hasText: /^(Done|Stopped)/ });
  await status.waitFor({ timeout: 90_000 });
  return (await status.textContent()) ?? '';
}

const text = async (page: Page): Promise<string> => (await page.getByTestId('text').textContent()) ?? '';
const problem = async (page: Page): Promise<string> => (await page.getByTestId('problem').locator('p').textContent({ timeout: 20_000 })) ?? '';

describe.each([
  ['WebGPU', /swiftshader/i],
  ['CPU', /CPU .*1 thread/],
] as const)('on %s', (device, description) => {
  it(`writes ${length} tokens as Node does, with the network cut, and draws the memory`, async () => {
    const { page, origin, complaints, requests } = await visit();
    await page.waitForLoadState('networkidle');
    await page.context().setOffline(true);
    const before = requests.length;
    await open(page, device);
    expect(await page.getByTestId('device').textContent()).toMatch(description);
    await write(page, length);
    expect(await finished(page)).toMatch(new RegExp(`^Done: ${length} tokens`));
    expect(await text(page)).toBe(expected);
    expect(await page.getByTestId('model-name').textContent()).toBe(`run ${payload}`);

    const slots = await page
      .getByTestId('text')
      .locator('[data-slot]')
      .evaluateAll((spans) => [...new Set(spans.map((span) => span.getAttribute('data-slot')))]);
    expect(slots).toEqual(['0', '1', '2', '3', '4', '5']);
    const colours = await page
      .getByTestId('text')
      .locator('[data-slot]')
      .evaluateAll((spans) => new Set(spans.map((span) => getComputedStyle(span).backgroundColor)).size);
    expect(colours).toBe(6);
    const [, live, opened, merged] =
      /: (\d+) of 6 slots, (\d+) opened and (\d+) merged/.exec((await page.getByTestId('timeline-summary').textContent()) ?? '')?.map(Number) ?? [];
    expect(live).toBe(6);
    expect(merged).toBeGreaterThan(10);
    expect(opened).toBe((merged ?? 0) + 6);

    expect(requests.slice(before)).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(`${origin}/`))).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe('the page', () => {
  it('loads the model served beside it, under its policy as a header and cross-origin isolated', async () => {
    const served = join(folder, 'served');
    await cp(site, served, { recursive: true });
    await writeCheckpoint(join(served, 'model'));
    const html = await readFile(join(site, 'index.html'), 'utf8');
    const contentSecurityPolicy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1]?.replaceAll('&#39;', "'") ?? '';
    expect(contentSecurityPolicy).toContain("default-src 'none'");
    const { page, complaints } = await visit({ isolated: true, contentSecurityPolicy }, served);
    await page.getByTestId('model-name').filter({ hasText: 'model' }).waitFor({ timeout: 60_000 });
    await page.getByText('CPU', { exact: true }).click();
    await page.getByTestId('device').filter({ hasText: 'CPU' }).waitFor();
    await write(page, length);
    await finished(page);
    expect(await text(page)).toBe(expected);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('stops, keeps what was written, and writes again', async () => {
    const { page, complaints } = await visit();
    await open(page, 'CPU');
    await write(page, 8000, '1');
    await page.waitForFunction(() => Number(document.querySelector('[data-testid=tokens]')?.textContent?.replaceAll(',', '')) > 80);
    await page.getByTestId('run').click();
    const tokens = Number(/^Stopped: (\d+) tokens/.exec(await finished(page))?.[1]);
    expect(tokens).toBeGreaterThan(0);
    expect(tokens).toBeLessThan(8000);
    const promptTokens = new TextEncoder().encode(prompt).length;
    expect(await page.getByTestId('tokens').textContent()).toBe((promptTokens + tokens).toLocaleString('en'));
    await write(page, length);
    expect(await finished(page)).toMatch(/^Done/);
    expect(await text(page)).toBe(expected);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('replays: text and details follow the time, by keyboard alone', async () => {
    const { page, complaints } = await visit();
    await open(page, 'CPU');
    await write(page, length);
    await finished(page);
    const time = page.getByRole('slider', { name: /^Time/ });
    await time.focus();
    await page.keyboard.press('Home');
    for (let step = 0; step < 10; step++) await page.keyboard.press('ArrowRight');
    const marked = page.getByTestId('text').locator('[data-slot]');
    expect(await marked.count()).toBe(11);
    expect(await page.getByTestId('timeline-summary').textContent()).toMatch(/^After token 10:/);
    await page.getByTestId('text').focus();
    for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowRight');
    const details = page.getByTestId('details');
    await expect.poll(() => details.textContent()).toMatch(/token 2, of the prompt.*Holds tokens.*Opened at.*Score.*τ 0\.6/s);
    await page.getByTestId('head').selectOption('1');
    await page.getByTestId('layer').selectOption('1');
    expect(await marked.count()).toBe(11);
    await time.focus();
    await page.keyboard.press('End');
    expect(await marked.count()).toBeGreaterThan(64);
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByRole('button', { name: 'Pause the replay' }).waitFor();
    const looked = async (): Promise<number> =>
      Number(/^After token (\d+)/.exec((await page.getByTestId('timeline-summary').textContent()) ?? '')?.[1]);
    expect(await looked()).toBeLessThan(30);
    await expect.poll(looked, { timeout: 10_000 }).toBeGreaterThan(8);
    await page.getByRole('button', { name: 'Pause the replay' }).click();
    const paused = await looked();
    expect(await marked.count()).toBe(paused + 1);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('says that WebGPU is missing and offers the CPU', async () => {
    const { page, complaints } = await visit();
    const worker = page.workers()[0] ?? (await page.waitForEvent('worker'));
    await worker.evaluate(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
    await page.getByTestId('folder').setInputFiles(checkpoint);
    expect(await problem(page)).toMatch(/^webgpu: this browser has no WebGPU/);
    await page.getByTestId('use-cpu').click();
    await page.getByTestId('device').filter({ hasText: 'CPU' }).waitFor();
    expect(await page.getByTestId('problem').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('tells wrong files in one line, and shows hostile names and fields as text', async () => {
    const { page, complaints } = await visit();
    await page.getByText('CPU', { exact: true }).click();
    const files = page.getByTestId('files');
    const file = (name: string, content: string | Uint8Array): { name: string; mimeType: string; buffer: Buffer } => ({
      name,
      mimeType: '',
      buffer: Buffer.from(content),
    });
    const weights = new Uint8Array(await readFile(join(checkpoint, 'weights.safetensors')));
    const good = JSON.stringify(config);
    const cases: [{ name: string; mimeType: string; buffer: Buffer }[], RegExp | string][] = [
      [[file(`${payload}.txt`, 'x')], `no config.json and no weights.safetensors among the files; found ${payload}.txt`],
      [[file('config.json', good)], 'no weights.safetensors among the files; found config.json'],
      [[file('config.json', '{'), file('weights.safetensors', weights)], 'checkpoint/config.json: not valid JSON'],
      [
        [file('config.json', JSON.stringify({ [payload]: 1 })), file('weights.safetensors', weights)],
        `checkpoint/config.json: unknown field "${payload}"`,
      ],
      [[file('config.json', good), file('weights.safetensors', weights.subarray(0, 5000))], /^checkpoint\/weights\.safetensors: /],
      [
        [file('config.json', JSON.stringify({ ...config, dModel: 64 })), file('weights.safetensors', weights)],
        /^checkpoint\/weights\.safetensors: weights do not fit the config: /,
      ],
      [[file('config.json', JSON.stringify({ ...config, vocabularySize: 100 })), file('weights.safetensors', weights)], /^checkpoint\//],
    ];
    for (const [picked, message] of cases) {
      await files.setInputFiles(picked);
      if (typeof message === 'string') await expect.poll(() => problem(page)).toBe(message);
      else await expect.poll(() => problem(page)).toMatch(message);
      expect(await problem(page)).not.toContain('\n');
    }
    await page.getByTestId('files').setInputFiles([file('config.json', good), file('weights.safetensors', weights)]);
    await page.getByTestId('model-name').waitFor();
    expect(await page.getByTestId('problem').count()).toBe(0);
    expect(await page.locator('img').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('shows 30 payloads as the text they are, written, as a field and as a name', async () => {
    const { page, complaints } = await visit();
    await page.getByText('CPU', { exact: true }).click();
    const weights = await readFile(join(checkpoint, 'weights.safetensors'));
    for (const hostile of payloads) {
      const config = { name: 'config.json', mimeType: '', buffer: Buffer.from(JSON.stringify({ [hostile]: 1 })) };
      await page.getByTestId('files').setInputFiles([config, { name: 'weights.safetensors', mimeType: '', buffer: weights }]);
      await expect.poll(() => problem(page)).toBe(`checkpoint/config.json: unknown field ${JSON.stringify(hostile)}`);
      await page.getByTestId('files').setInputFiles([{ name: hostile, mimeType: '', buffer: Buffer.from('x') }]);
      await expect.poll(() => problem(page)).toContain(`; found ${hostile}`);
    }
    await open(page, 'CPU');
    const all = payloads.join('\n');
    await page.getByTestId('prompt').fill(all);
    await page.getByTestId('length').fill('2');
    await page.getByTestId('prompt').press('Control+Enter');
    await finished(page);
    expect((await text(page)).startsWith(all)).toBe(true);
    expect(await page.locator('img, iframe, script:not([src]), object, embed, [onerror], [onload]').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('is held to its policy: no markup from strings, no other workers, no other origins', async () => {
    const { page, complaints, requests } = await visit();
    await page.waitForLoadState('networkidle');
    const before = requests.length;
    const outcomes = await page.evaluate(async (markup) => {
      const attempt = async (action: () => unknown): Promise<string> => {
        try {
          await action();
          return 'allowed';
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [
        await attempt(() => {
          document.body.innerHTML = markup;
        }),
        await attempt(() => new Worker('./assets/other.js')),
        await attempt(() => fetch('http://127.0.0.1:9/')),
      ];
    }, payload);
    expect(outcomes).toEqual(['TypeError', 'TypeError', 'TypeError']);
    await expect.poll(() => complaints.filter((text) => text.startsWith('policy: ')).length).toBe(3);
    expect(requests.slice(before)).toEqual([]);
    await page.context().close();
  });

  it('writes no markup from strings and evaluates no code', async () => {
    const assets = join(site, 'assets');
    const scripts = (await readdir(assets)).filter((name) => name.endsWith('.js'));
    expect(scripts.length).toBeGreaterThan(1);
    for (const name of scripts)
      expect(await readFile(join(assets, name), 'utf8')).not.toMatch(
        /\.(inner|outer)HTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function\b/,
      );
  });

  it('fits 360 pixels without scrolling sideways', async () => {
    const { page } = await visit();
    await page.setViewportSize({ width: 360, height: 740 });
    await open(page, 'CPU');
    await write(page, length);
    await finished(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await page.context().close();
  });
});
