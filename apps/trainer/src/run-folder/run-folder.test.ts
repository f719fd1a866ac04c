import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lockRunFolder } from './lock.js';
import { listenForStop } from './signals.js';

const folder = mkdtempSync(join(tmpdir(), 'dla-lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('lock', () => {
  it('is held by one; the next fails at once and names pid and host; free after release', async () => {
    const path = join(folder, 'one');
    const lock = await lockRunFolder(path);
    const begun = Date.now();
    await expect(lockRunFolder(path)).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(`in use by process ${process.pid} on ${hostname()}`),
    });
    expect(Date.now() - begun).toBeLessThan(2000);
    lock.release();
    (await lockRunFolder(path)).release();
    expect(readdirSync(join(path, 'lock'))).toEqual([]);
  });
  it('of eight contenders at once exactly one wins, twenty times', async () => {
    for (let round = 0; round < 20; round++) {
      const path = join(folder, `many-${round}`);
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockRunFolder(path)));
      const won = results.filter((result) => result.status === 'fulfilled');
      expect(won.length).toBe(1);
      expect(readdirSync(join(path, 'lock')).length).toBe(1);
    }
  });
  it('takes over from a killed process', async () => {
    const path = join(folder, 'dead');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    await lockRunFolder(path, { owner: { pid: child.pid!, host: hostname(), started: '' } });
    await expect(lockRunFolder(path)).rejects.toThrow(`process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    (await lockRunFolder(path)).release();
    expect(readdirSync(join(path, 'lock'))).toEqual([]);
  });
  it('never takes over from another host, and not by age', async () => {
    const path = join(folder, 'host');
    await lockRunFolder(path, { owner: { pid: 1, host: 'else-where', started: '' }, alive: () => false });
    await expect(lockRunFolder(path, { alive: () => false })).rejects.toThrow('process 1 on else-where');
  });
  it('says why a folder cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(lockRunFolder(join(folder, 'file', 'run'))).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining('cannot be created (ENOTDIR)'),
    });
    mkdirSync(join(folder, 'strange', 'lock'), { recursive: true });
    writeFileSync(join(folder, 'strange', 'lock', 'readme'), '');
    (await lockRunFolder(join(folder, 'strange'))).release();
  });
});

describe('signals', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s asks once, ends at once the second time', (signal, code) => {
    const source = new EventEmitter();
    const notices: string[] = [];
    const exits: number[] = [];
    const stop = listenForStop(
      (line) => notices.push(line),
      source,
      (exit) => exits.push(exit),
    );
    expect([stop.requested(), stop.exitCode()]).toEqual([false, 0]);
    source.emit(signal, signal);
    expect([stop.requested(), stop.exitCode(), exits.length, notices.length]).toEqual([true, code, 0, 1]);
    source.emit(signal, signal);
    expect(exits).toEqual([code]);
    stop.dispose();
    expect(source.listenerCount(signal)).toBe(0);
  });
});
