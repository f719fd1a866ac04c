/** The two files of a checkpoint that the page reads. */
export interface CheckpointFiles {
  /** Name of the folder, or of the weights file. */
  readonly name: string;
  readonly config: Blob;
  readonly weights: Blob;
}

/** A file and its path inside what was picked or dropped, `/` between folders. */
export interface PickedFile {
  readonly path: string;
  readonly file: File;
}

/** Why what was picked is no checkpoint, in one line. */
export class CheckpointFilesError extends Error {
  override readonly name = 'CheckpointFilesError';
}

const configName = 'config.json';
const weightsName = 'weights.safetensors';

/**
 * Find the one checkpoint among files: `config.json` and `weights.safetensors` of one folder, the least deep such folder, and of
 * a run's `step-` folders the newest. All other files are left unread.
 *
 * @throws CheckpointFilesError if a file is missing, empty, or several checkpoints that are no steps of one run lie equally deep.
 */
export function findCheckpoint(files: readonly PickedFile[]): CheckpointFiles {
  if (files.length === 0) throw new CheckpointFilesError('nothing to open: the folder is empty');
  const folders = new Map<string, Map<string, File>>();
  for (const { path, file } of files) {
    const cut = path.lastIndexOf('/');
    const folder = path.slice(0, Math.max(cut, 0));
    const name = path.slice(cut + 1);
    if (name !== configName && name !== weightsName) continue;
    const found = folders.get(folder) ?? new Map<string, File>();
    folders.set(folder, found.set(name, file));
  }
  const complete = [...folders].filter(([, found]) => found.size === 2).sort(([a], [b]) => depth(a) - depth(b));
  const top = complete.filter(([folder]) => depth(folder) === depth(complete[0]?.[0] ?? ''));
  if (top.length > 1 && top.some(([folder]) => stepOf(folder) < 0)) throw new CheckpointFilesError(several(top.map(([folder]) => lastPart(folder))));
  const [first] = top.sort(([a], [b]) => stepOf(b) - stepOf(a));
  if (first === undefined) throw new CheckpointFilesError(missing(files, folders));
  const config = first[1].get(configName) as File;
  const weights = first[1].get(weightsName) as File;
  for (const file of [config, weights]) if (file.size === 0) throw new CheckpointFilesError(`${file.name}: the file is empty`);
  return { name: nameOf(first[0]), config, weights };
}

function missing(files: readonly PickedFile[], folders: ReadonlyMap<string, ReadonlyMap<string, File>>): string {
  const present = new Set([...folders.values()].flatMap((found) => [...found.keys()]));
  const absent = [configName, weightsName].filter((name) => !present.has(name));
  if (absent.length === 0) return `${configName} and ${weightsName} lie in different folders: open the folder that holds both`;
  const shown = files
    .slice(0, 3)
    .map(({ file }) => file.name)
    .join(', ');
  return `no ${absent.join(' and no ')} among the files; found ${shown}${files.length > 3 ? ` and ${files.length - 3} more` : ''}`;
}

function several(names: readonly string[]): string {
  return `${names.length} checkpoints found (${names.slice(0, 2).join(', ')}${names.length > 2 ? ', ..' : ''}): open the folder of one of them`;
}

/** Step of a folder of the trainer's, `step-00000123`; -1 for any other name. */
function stepOf(folder: string): number {
  return Number(/^step-(\d{8,15})$/.exec(lastPart(folder))?.[1] ?? -1);
}

function depth(folder: string): number {
  return folder === '' ? 0 : folder.split('/').length;
}

/** `run, step-00000123` for a step, else the folder's name. */
function nameOf(folder: string): string {
  const name = lastPart(folder);
  const parent = lastPart(folder.slice(0, Math.max(0, folder.lastIndexOf('/'))));
  return stepOf(folder) >= 0 && parent !== '' ? `${parent}, ${name}` : name || 'checkpoint';
}

function lastPart(folder: string): string {
  return folder.slice(folder.lastIndexOf('/') + 1);
}

/** Files of an `<input type="file">`, of a folder or single ones. */
export function pickedFiles(list: Iterable<File>): PickedFile[] {
  return Array.from(list, (file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** Most files looked at in a dropped folder: a checkpoint has few. */
const mostDropped = 2000;

/** Files of a drop, folders walked. Call it in the drop event itself: the list is empty afterwards. */
export async function droppedFiles(transfer: DataTransfer): Promise<PickedFile[]> {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return pickedFiles(transfer.files);
  const found: PickedFile[] = [];
  const waiting: { path: string; entry: FileSystemEntry }[] = entries.map((entry) => ({ path: entry.name, entry }));
  for (let next = waiting.shift(); next !== undefined && found.length < mostDropped; next = waiting.shift()) {
    const { path, entry } = next;
    if (entry.isFile) found.push({ path, file: await fileOf(entry as FileSystemFileEntry) });
    else for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) waiting.push({ path: `${path}/${child.name}`, entry: child });
  }
  return found;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** A reader hands out a folder in parts, an empty one last. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return children;
    children.push(...part);
  }
}

/** The checkpoint served beside the page in `./model/`, or undefined: `config.json` there is `null` until one is put in its place. */
export async function servedCheckpoint(page: string): Promise<CheckpointFiles | undefined> {
  const read = async (name: string): Promise<Blob | undefined> => {
    const answer = await fetch(new URL(`model/${name}`, page)).catch(() => {
      throw new CheckpointFilesError(`model/${name}: the page's server does not answer`);
    });
    return answer.ok ? answer.blob() : undefined;
  };
  const config = await read(configName);
  if (config === undefined || config.size < 8) return undefined;
  const weights = await read(weightsName);
  if (weights === undefined) throw new CheckpointFilesError(`model/${weightsName}: not served beside the page`);
  return { name: 'model', config, weights };
}
