/**
 * `finery-manifest.json`: every file of a checkpoint with its size and SHA-256, and what the run knew about it. It is
 * written last, into a folder that is then renamed: a folder without one is not a checkpoint, one that disagrees with it is
 * damaged.
 */
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { InputError } from '../errors.ts';
import { containedPath } from '../files/contained-path.ts';
import { hashFile } from '../files/hash-file.ts';
import { readJsonObject } from '../files/json-file.ts';

export const manifestFileName = 'finery-manifest.json';

const manifestSchema = z.strictObject({
  version: z.literal(1),
  /** Training steps behind this checkpoint. */
  step: z.int().nonnegative().optional(),
  /** The value by which checkpoints are compared. */
  metric: z.number().optional(),
  /** The run that made it: a hash of everything that its result depends on. */
  run: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  files: z.record(
    z.string(),
    z.strictObject({ bytes: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
});

export type Manifest = Readonly<z.infer<typeof manifestSchema>>;

export interface ManifestNotes {
  readonly step?: number;
  readonly metric?: number;
  /** SHA-256 in hexadecimal. */
  readonly run?: string;
}

/** Describes every file that is in `folder` now, subfolders included. */
export async function writeManifest(folder: string, notes: ManifestNotes = {}): Promise<void> {
  const files: Record<string, { bytes: number; sha256: string }> = {};
  for (const name of await listFiles(folder)) {
    const path = join(folder, name);
    files[name] = { bytes: (await stat(path)).size, sha256: await hashFile(path) };
  }
  const manifest: Manifest = { version: 1, ...notes, files };
  await writeFile(join(folder, manifestFileName), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @throws InputError if there is no manifest, or not one of ours. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, manifestFileName);
  const parsed = manifestSchema.safeParse(await readJsonObject(path));
  if (parsed.success) return parsed.data;
  throw damaged(path, z.prettifyError(parsed.error), 'a manifest as this version writes it');
}

export interface VerifyOptions {
  /** Whether to read the files and compare checksums, or only to look at their sizes. Default yes. */
  readonly checksums?: boolean;
}

/** @throws InputError naming the first file that is missing or not what was written. */
export async function verifyManifest(
  folder: string,
  manifest: Manifest,
  { checksums = true }: VerifyOptions = {},
): Promise<void> {
  const sizes = new Map<string, string>();
  for (const [name, { bytes, sha256: expected }] of Object.entries(manifest.files)) {
    const path = await containedPath(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) throw damaged(path, 'no such file', 'the file that the manifest lists');
    if (found.size !== bytes) throw damaged(path, `${found.size} bytes`, `${bytes} bytes`);
    sizes.set(path, expected);
  }
  if (!checksums) return;
  for (const [path, expected] of sizes) {
    if ((await hashFile(path)) !== expected) throw damaged(path, 'another content', 'the SHA-256 in the manifest');
  }
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const names = paths.map((path) => path.slice(join(folder, sep).length).replaceAll(sep, '/'));
  return names.filter((name) => name !== manifestFileName).sort();
}

function damaged(field: string, found: string, expected: string): InputError {
  return new InputError({
    field,
    found,
    expected,
    fix: 'Use another checkpoint of the run; this one is incomplete or damaged.',
  });
}
