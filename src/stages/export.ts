/** A model written for use elsewhere. */
import { readManifest } from '../checkpoint/manifest.ts';
import { InputError } from '../errors.ts';
import { openExportSource } from '../export/export-source.ts';
import { saveFolder } from '../export/save-folder.ts';

/** Settings under the names of a recipe. */
export interface ExportSettings {
  readonly to: 'hf';
  readonly dtype: 'f32' | 'f16' | 'bf16';
}

/**
 * Writes a stored model as a Hugging Face folder, whole or not at all, weights one after the other; a folder that Finery
 * wrote before is replaced.
 * @throws UsageError where something else is at `folder`, InputError for weights that `dtype` cannot hold
 */
export async function exportModel(
  checkpoint: string,
  folder: string,
  { dtype }: ExportSettings,
  signal?: AbortSignal,
): Promise<void> {
  const source = await openExportSource(checkpoint);
  try {
    await saveFolder(folder, source, { dtype, replace: await isOurs(folder), signal });
  } finally {
    await source.close();
  }
}

async function isOurs(folder: string): Promise<boolean> {
  try {
    await readManifest(folder);
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
