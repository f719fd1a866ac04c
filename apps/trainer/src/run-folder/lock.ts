import { mkdirSync, readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { DlaError } from '@dla/core';

/** Who holds or wants a run folder; all of it is in the file's name, so no reader ever sees half of it. */
export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** Start of the process as the system counts it, to tell a reused pid; empty where unknown. */
  readonly started: string;
}

export interface RunLock {
  release(): void;
}

export interface LockOptions {
  readonly owner?: LockOwner;
  /** Whether an owner's process of this host still runs. */
  readonly alive?: (owner: LockOwner) => boolean;
}

let serial = 0;

/**
 * Take the run folder (made if it is not there) for this process, or fail within two seconds.
 *
 * A contender puts a `claim` file into `<folder>/lock/`, then looks: if no living owner or contender is there it puts a
 * `held` file, else the contender whose name sorts first waits and the others withdraw and try again. Files are only
 * ever removed by their own process or, when that process is dead on this host, by whoever took over; never by age.
 *
 * @throws DlaError `locked` naming pid and host of the owner, or why the folder cannot be made.
 */
export async function lockRunFolder(folder: string, options: LockOptions = {}): Promise<RunLock> {
  const me = options.owner ?? { pid: process.pid, host: hostname(), started: processStart(process.pid) };
  const alive = options.alive ?? processAlive;
  const locks = join(folder, 'lock');
  const suffix = `${me.pid}-${encodeURIComponent(me.started)}-${serial++}-${encodeURIComponent(me.host)}`;
  const claim = `claim-${suffix}`;
  const held = `held-${suffix}`;
  guarded(folder, () => makeFolder(locks));
  const lives = (name: string): boolean => {
    const owner = ownerOf(name);
    return owner === undefined || owner.host !== me.host || alive(owner);
  };
  const others = (): string[] => readdirSync(locks).filter((name) => name !== claim && name !== held && /^(claim|held)-/.test(name));
  const busy = (names: readonly string[]): DlaError => {
    const owner = ownerOf(names.find((name) => name.startsWith('held-')) ?? names[0] ?? '');
    const who = owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host}`;
    return new DlaError('locked', `the run folder is in use by ${who}`, { where: folder, expected: 'a folder of its own for each run (--out)' });
  };
  const deadline = Date.now() + 1500;
  for (;;) {
    guarded(folder, () => writeFileSync(join(locks, claim), '', { flag: 'w' }));
    for (;;) {
      const living = others().filter(lives);
      if (living.length === 0) {
        guarded(folder, () => writeFileSync(join(locks, held), '', { flag: 'wx' }));
        remove(join(locks, claim));
        for (const dead of others().filter((name) => !lives(name))) remove(join(locks, dead));
        return { release: () => remove(join(locks, held)) };
      }
      if (living.some((name) => name.startsWith('held-')) || Date.now() > deadline) {
        remove(join(locks, claim));
        throw busy(living);
      }
      if (living.some((name) => name < claim)) break;
      await pause(5);
    }
    remove(join(locks, claim));
    await pause(10 + Math.random() * 40);
  }
}

function ownerOf(name: string): LockOwner | undefined {
  const match = /^(?:claim|held)-(\d+)-([^-]*)-\d+-(.+)$/.exec(name);
  if (match === null) return undefined;
  try {
    return { pid: Number(match[1]), started: decodeURIComponent(match[2] ?? ''), host: decodeURIComponent(match[3] ?? '') };
  } catch {
    return undefined;
  }
}

function processAlive({ pid, started }: LockOwner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = processStart(pid);
  return started === '' || now === '' || now === started;
}

/** Clock ticks from boot to the start of a process; empty where the system does not tell. */
function processStart(pid: number): string {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function guarded(folder: string, action: () => void): void {
  try {
    action();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new DlaError(code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'locked', `the run folder cannot be created (${code})`, {
      where: folder,
      cause,
    });
  }
}

/** As `mkdir -p`. Node's own never returns where a file system says ENOENT to every new folder, as /proc does. */
function makeFolder(path: string): void {
  const make = (): boolean => {
    try {
      mkdirSync(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return false;
      if (code !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
    }
    return true;
  };
  if (make()) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  if (!make()) throw Object.assign(new Error('no such folder'), { code: 'ENOENT' });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
