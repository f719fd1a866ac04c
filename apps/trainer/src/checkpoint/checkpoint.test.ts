import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeCheckpoint, fileOf, parseState, type RunState } from './contents.js';
import { CrashFileSystem, type Fault } from './crash-file-system.js';
import { diskFileSystem } from './file-system.js';
import { createCheckpointStore, readCheckpoint } from './store.js';

const filesOf = (step: number): Map<string, Uint8Array> =>
  new Map([
    ['weights.safetensors', new Uint8Array(40).fill(step)],
    ['optimizer.safetensors', new Uint8Array(80).fill(step + 1)],
    ['state.json', new TextEncoder().encode(`{"step":${step}}`)],
  ]);
const same = (a: ReadonlyMap<string, Uint8Array>, b: ReadonlyMap<string, Uint8Array>): boolean =>
  a.size === b.size && [...a].every(([name, bytes]) => Buffer.compare(bytes, b.get(name) ?? new Uint8Array()) === 0);
const errorOf = async (promise: Promise<unknown>): Promise<Error & { code: string }> => {
  try {
    await promise;
  } catch (error) {
    return error as Error & { code: string };
  }
  throw new Error('no error');
};
const folder = mkdtempSync(join(tmpdir(), 'dla-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('on disk', () => {
  it('saves, finds the newest, keeps N, leaves nothing temporary', async () => {
    const path = join(folder, 'basic');
    const store = createCheckpointStore(path, { keep: 2 });
    expect(await store.newest()).toBeUndefined();
    for (const step of [5, 10, 123]) expect(await store.save(step, filesOf(step))).toBe(join(path, `step-${String(step).padStart(8, '0')}`));
    expect(readdirSync(path).sort()).toEqual(['step-00000010', 'step-00000123']);
    expect(readdirSync(join(path, 'step-00000123')).sort()).toEqual(['manifest.json', 'optimizer.safetensors', 'state.json', 'weights.safetensors']);
    const found = await store.newest();
    expect(found?.step).toBe(123);
    expect(same(found!.files, filesOf(123))).toBe(true);
    expect(same(await readCheckpoint(found!.path), filesOf(123))).toBe(true);
  });
  it('saves the values at the call', async () => {
    const store = createCheckpointStore(join(folder, 'snapshot'));
    const files = filesOf(7);
    const saving = store.save(7, files);
    for (const bytes of files.values()) bytes.fill(255);
    await saving;
    expect(same((await store.newest())!.files, filesOf(7))).toBe(true);
  });
  it('removes stray temporary folders', async () => {
    const path = join(folder, 'strays');
    const store = createCheckpointStore(path);
    await store.save(1, filesOf(1));
    await diskFileSystem.makeFolder(join(path, 'tmp-99-2'));
    expect(await store.removeStrays()).toEqual(['tmp-99-2']);
    expect(readdirSync(path)).toEqual(['step-00000001']);
  });
  it('the same step again: the same content is fine, another is refused, a damaged one is replaced', async () => {
    const path = join(folder, 'again');
    const store = createCheckpointStore(path);
    await store.save(3, filesOf(3));
    await store.save(3, filesOf(3));
    expect((await errorOf(store.save(3, filesOf(4)))).message).toContain('another checkpoint of this step is there already');
    writeFileSync(join(path, 'step-00000003', 'state.json'), '{}');
    await store.save(3, filesOf(4));
    expect(same((await store.newest())!.files, filesOf(4))).toBe(true);
  });
  it.runIf(process.platform === 'linux')(
    'a full disk (/dev/full): disk-full with path and bytes; the old one stays; saving goes on after',
    async () => {
      const path = join(folder, 'full');
      await createCheckpointStore(path).save(1, filesOf(1));
      const full = {
        ...diskFileSystem,
        create: async () => {
          const handle = await open('/dev/full', 'w');
          return {
            write: async (bytes: Uint8Array) => (await handle.write(bytes)).bytesWritten,
            sync: () => handle.sync(),
            close: () => handle.close(),
          };
        },
      };
      const error = await errorOf(createCheckpointStore(path, { fileSystem: full }).save(2, filesOf(2)));
      expect(error.code).toBe('disk-full');
      expect(error.message).toMatch(
        /step-00000002: no space to save the checkpoint \(ENOSPC\); the one before it is untouched; expected \d+ bytes; found \d+ bytes free$/,
      );
      expect(readdirSync(path)).toEqual(['step-00000001']);
      await createCheckpointStore(path).save(2, filesOf(2));
      expect((await createCheckpointStore(path).newest())?.step).toBe(2);
    },
  );
});

describe('faults at every operation (R1b)', () => {
  const outcomes = { old: 0, new: 0 };
  const variants: { name: string; fault: Fault; powerCut?: boolean }[] = [
    { name: 'EIO', fault: 'EIO' },
    { name: 'ENOSPC', fault: 'ENOSPC' },
    { name: 'short write', fault: 'short-write' },
    { name: 'kill', fault: 'kill' },
    { name: 'power cut, unsynced names lost', fault: 'kill', powerCut: false },
    { name: 'power cut, names before data', fault: 'kill', powerCut: true },
  ];
  for (const keep of [1, 2])
    it.each(variants)(`keep ${keep}, $name: exactly the old or exactly the new checkpoint`, async ({ fault, powerCut }) => {
      for (let at = 1; ; at++) {
        const disk = new CrashFileSystem();
        const store = createCheckpointStore('run', { keep, fileSystem: disk });
        await disk.makeFolder('run');
        await disk.syncFolder('');
        await store.save(1, filesOf(1));
        disk.arm(fault, at);
        let saved = true;
        try {
          await store.save(2, filesOf(2));
        } catch {
          saved = false;
        }
        const reached = disk.operations >= at;
        if (fault === 'kill' && powerCut !== undefined) disk.powerCut(powerCut);
        else disk.restart();
        const notices: string[] = [];
        const after = createCheckpointStore('run', { keep, fileSystem: disk, notice: (line) => notices.push(line) });
        const strays = await after.removeStrays();
        const found = await after.newest();
        expect([1, 2], `operation ${at}`).toContain(found?.step);
        expect(same(found!.files, filesOf(found!.step)), `operation ${at}`).toBe(true);
        if (saved) expect(found!.step, `operation ${at}`).toBe(2);
        if (fault !== 'kill' && !saved && found!.step === 1) expect(strays.length, `operation ${at}`).toBeLessThanOrEqual(1);
        outcomes[found!.step === 1 ? 'old' : 'new']++;
        // The run goes on from here.
        await after.save(3, filesOf(3));
        expect((await after.newest())?.step).toBe(3);
        expect((await disk.list('run')).filter((name) => name.startsWith('tmp-'))).toEqual([]);
        if (!reached) break;
      }
    });
  it('tried both outcomes often', () => {
    expect(outcomes.old).toBeGreaterThan(100);
    expect(outcomes.new).toBeGreaterThan(50);
  });
  it('the first save of all: nothing or all', async () => {
    for (let at = 1; at < 40; at++)
      for (const names of [false, true]) {
        const disk = new CrashFileSystem();
        disk.arm('kill', at);
        await createCheckpointStore('run', { fileSystem: disk })
          .save(1, filesOf(1))
          .catch(() => {});
        disk.powerCut(names);
        const found = await createCheckpointStore('run', { fileSystem: disk }).newest();
        expect(found === undefined || same(found.files, filesOf(1))).toBe(true);
      }
  });
});

describe('bit rot (R1d)', () => {
  it('each of 200 flipped bits is found, the checkpoint before is used and the notice says so', async () => {
    const disk = new CrashFileSystem();
    const names = [...filesOf(2).keys(), 'manifest.json'];
    await createCheckpointStore('run', { fileSystem: disk }).save(1, filesOf(1));
    await createCheckpointStore('run', { fileSystem: disk }).save(2, filesOf(2));
    for (let trial = 0; trial < 200; trial++) {
      const name = names[trial % names.length]!;
      const bit = (trial * 7919) % 600;
      const flip = (): void =>
        disk.corrupt(`run/step-00000002/${name}`, (bytes) => {
          const index = (bit >> 3) % bytes.length;
          bytes[index] = bytes[index]! ^ (1 << (bit & 7));
        });
      flip();
      const notices: string[] = [];
      const found = await createCheckpointStore('run', { fileSystem: disk, notice: (line) => notices.push(line) }).newest();
      expect(found?.step, `${name} bit ${bit}`).toBe(1);
      expect(notices[0]).toMatch(/^run\/step-00000002: .+; it is passed over$/);
      flip();
    }
    expect((await createCheckpointStore('run', { fileSystem: disk }).newest())?.step).toBe(2);
  });
  it('says when none is intact', async () => {
    const disk = new CrashFileSystem();
    await createCheckpointStore('run', { fileSystem: disk }).save(1, filesOf(1));
    disk.corrupt('run/step-00000001/state.json', (bytes) => bytes.fill(0));
    expect((await errorOf(createCheckpointStore('run', { fileSystem: disk }).newest())).message).toBe(
      'run: no checkpoint is intact; found 1 damaged',
    );
  });
});

describe('contents', () => {
  const state: RunState = {
    step: 4,
    seed: 1,
    cursor: { epoch: 0, position: 8 },
    textSha256: 'ab',
    random: { dropout: { key: [1, 2] } },
    metrics: { validationLoss: null, loss: 2.5 },
    versions: { dla: '0.0.0', node: '20.20.0' },
    config: { train: { steps: 10 } },
  };
  const encode = (entries: readonly { name: string; data: Uint8Array }[], metadata: Record<string, string>): Uint8Array =>
    new TextEncoder().encode(JSON.stringify([entries.map(({ name, data }) => [name, ...data]), metadata]));
  it('has the files of the design, and state comes back', () => {
    const entry = { name: 'w', dtype: 'U8', shape: [2], data: new Uint8Array([1, 2]) };
    const files = encodeCheckpoint({ weights: [entry], optimiser: [], model: { dModel: 8 }, state }, encode as never);
    expect([...files.keys()]).toEqual(['weights.safetensors', 'optimizer.safetensors', 'config.json', 'state.json']);
    expect(parseState(fileOf(files, 'state.json', 'x'))).toEqual(state);
    expect(JSON.parse(new TextDecoder().decode(files.get('config.json')))).toEqual({ dModel: 8 });
  });
  it('names what is wrong with a state', () => {
    const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
    expect(() => parseState(bytes({ ...state, step: -1 }))).toThrow(/^state\.json: step: /);
    expect(() => parseState(new Uint8Array([123]))).toThrow('state.json: not valid JSON');
    expect(() => fileOf(new Map(), 'state.json', 'a/step-1')).toThrow('a/step-1: has no state.json');
  });
});
