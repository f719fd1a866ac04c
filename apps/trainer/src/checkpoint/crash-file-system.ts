import type { CheckpointFileSystem, WritableFile } from './file-system.js';

/** What happens at the chosen operation. `kill`: the process ends there; the others return an error or write less. */
export type Fault = 'EIO' | 'ENOSPC' | 'short-write' | 'kill';

interface FileNode {
  readonly kind: 'file';
  data: Uint8Array;
  durable: Uint8Array;
}
interface FolderNode {
  readonly kind: 'folder';
  readonly entries: Map<string, Node>;
  durable: Map<string, Node>;
}
type Node = FileNode | FolderNode;

/**
 * A file system in memory for tests, which fails at its N-th operation and knows what a power cut would leave:
 * names survive where their folder was synced, data where their file was.
 */
export class CrashFileSystem implements CheckpointFileSystem {
  root: FolderNode = folderNode();
  operations = 0;
  /** 1-based operation at which the fault happens; 0 for never. */
  faultAt = 0;
  fault: Fault = 'EIO';
  dead = false;

  arm(fault: Fault, at: number): void {
    this.operations = 0;
    this.fault = fault;
    this.faultAt = at;
  }

  /** Restart after a kill: all that was written is there. */
  restart(): void {
    this.dead = false;
    this.faultAt = 0;
  }

  /** Restart after a power cut; `namesSurvive`: every rename and new name is there, but no data that was not synced. */
  powerCut(namesSurvive: boolean): void {
    this.root = survivors(this.root, namesSurvive);
    this.restart();
  }

  async makeFolder(path: string): Promise<void> {
    this.#step();
    let node = this.root;
    for (const part of parts(path)) {
      let next = node.entries.get(part);
      if (next === undefined) {
        next = folderNode();
        node.entries.set(part, next);
      }
      node = next as FolderNode;
    }
  }

  async create(path: string): Promise<WritableFile> {
    this.#step();
    const [folder, name] = this.#parent(path);
    if (folder.entries.has(name)) throw failure('EEXIST');
    const node: FileNode = { kind: 'file', data: new Uint8Array(), durable: new Uint8Array() };
    folder.entries.set(name, node);
    return {
      write: async (bytes) => {
        const short = this.#step();
        const taken = short ? bytes.subarray(0, Math.ceil(bytes.length / 2)) : bytes;
        node.data = Uint8Array.from([...node.data, ...taken]);
        return taken.length;
      },
      sync: async () => {
        this.#step();
        node.durable = node.data;
      },
      close: async () => {
        this.#step();
      },
    };
  }

  async syncFolder(path: string): Promise<void> {
    this.#step();
    const node = this.#node(path) as FolderNode;
    node.durable = new Map(node.entries);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step();
    const [source, name] = this.#parent(from);
    const node = source.entries.get(name);
    if (node === undefined) throw failure('ENOENT');
    const [target, newName] = this.#parent(to);
    if (target.entries.has(newName)) throw failure('EEXIST');
    source.entries.delete(name);
    target.entries.set(newName, node);
  }

  async removeFolder(path: string): Promise<void> {
    this.#step();
    const [folder, name] = this.#parent(path);
    folder.entries.delete(name);
  }

  async list(path: string): Promise<string[]> {
    this.#step();
    const node = this.#node(path);
    return node?.kind === 'folder' ? [...node.entries.keys()] : [];
  }

  async read(path: string): Promise<Uint8Array> {
    this.#step();
    const node = this.#node(path);
    if (node?.kind !== 'file') throw failure('ENOENT');
    return node.data.slice();
  }

  async freeBytes(): Promise<number> {
    return 12345;
  }

  /** Change a file in place, as decay of the medium does. */
  corrupt(path: string, change: (bytes: Uint8Array) => void): void {
    const node = this.#node(path) as FileNode;
    node.data = node.data.slice();
    change(node.data);
  }

  /** Count one operation; true for a short write. */
  #step(): boolean {
    if (this.dead) throw failure('killed');
    this.operations++;
    if (this.operations !== this.faultAt) return false;
    if (this.fault === 'short-write') return true;
    if (this.fault === 'kill') this.dead = true;
    throw failure(this.fault);
  }

  #node(path: string): Node | undefined {
    let node: Node | undefined = this.root;
    for (const part of parts(path)) node = node?.kind === 'folder' ? node.entries.get(part) : undefined;
    return node;
  }

  #parent(path: string): [FolderNode, string] {
    const all = parts(path);
    const name = all.pop() as string;
    const node = this.#node(all.join('/'));
    if (node?.kind !== 'folder') throw failure('ENOENT');
    return [node, name];
  }
}

function folderNode(): FolderNode {
  return { kind: 'folder', entries: new Map(), durable: new Map() };
}

function survivors(folder: FolderNode, namesSurvive: boolean): FolderNode {
  const kept = folderNode();
  for (const [name, node] of namesSurvive ? folder.entries : folder.durable) {
    const copy: Node = node.kind === 'folder' ? survivors(node, namesSurvive) : { kind: 'file', data: node.durable, durable: node.durable };
    kept.entries.set(name, copy);
    kept.durable.set(name, copy);
  }
  return kept;
}

function parts(path: string): string[] {
  return path.split(/[\\/]/).filter((part) => part !== '');
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
