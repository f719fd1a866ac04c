import { createHash } from 'node:crypto';

export interface Manifest {
  readonly step: number;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

const version = 1;

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function manifestOf(step: number, files: ReadonlyMap<string, Uint8Array>): Manifest {
  return { step, files: [...files].map(([name, bytes]) => ({ name, bytes: bytes.length, sha256: sha256(bytes) })) };
}

/** One text for one manifest: it ends with a digest of itself, so that a flipped bit anywhere in it shows. */
export function manifestText(manifest: Manifest): string {
  const body = {
    version,
    step: manifest.step,
    files: manifest.files.map(({ name, bytes, sha256: digest }) => ({ name, bytes, sha256: digest })),
  };
  return `${JSON.stringify({ ...body, digest: sha256(JSON.stringify(body)) }, null, 1)}\n`;
}

/** The manifest, or the reason why it is none. */
export function parseManifest(bytes: Uint8Array): Manifest | string {
  const text = new TextDecoder().decode(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'manifest.json is not valid JSON';
  }
  const manifest = value as Partial<Manifest> & { readonly version?: unknown };
  const shaped =
    typeof value === 'object' &&
    value !== null &&
    Number.isSafeInteger(manifest.step) &&
    Array.isArray(manifest.files) &&
    manifest.files.every((file: unknown) => typeof file === 'object' && file !== null);
  if (!shaped) return 'manifest.json is damaged';
  if (typeof manifest.version === 'number' && manifest.version > version)
    return `manifest.json has version ${manifest.version}, this program reads ${version}`;
  if (manifestText(manifest as Manifest) !== text) return 'manifest.json is damaged';
  return manifest as Manifest;
}
