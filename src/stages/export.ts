/** A model written for use elsewhere. */
import { readManifest } from '../checkpoint/manifest.ts';
import { InputError } from '../errors.ts';
import { type Model, saveModel } from '../models/model.ts';

/** Settings under the names of a recipe. */
export interface ExportSettings {
  readonly to: 'hf';
  readonly dtype: 'f32' | 'f16' | 'bf16';
}

/**
 * Writes a Hugging Face folder, whole or not at all; one that Finery wrote before is replaced.
 * @throws UsageError where something else is at `folder`, InputError for weights that `dtype` cannot hold
 */
export async function exportModel(model: Model, folder: string, { dtype }: ExportSettings): Promise<void> {
  await saveModel(folder, model, { dtype, replace: await isOurs(folder) });
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
