/** Everything of a model folder that is no weight: the configuration, the index of the files, the tokenizer, modules. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatConfig } from '../../checkpoint/huggingface/format-config.ts';
import type { MergePlan } from '../plan/merge-plan.ts';

/** Without this file a folder is no model. */
export const configName = 'config.json';

export async function writeSurroundings(
  { config, layout, companions }: Pick<MergePlan, 'config' | 'layout' | 'companions'>,
  folder: string,
): Promise<void> {
  const write = (name: string, content: string): Promise<void> => writeFile(join(folder, name), content);
  await write(configName, formatConfig(config));
  if (layout.index) await write(layout.index.name, layout.index.text);
  for (const [name, companion] of companions) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    if ('path' in companion) await copyFile(companion.path, join(folder, name));
    else await write(name, companion.content);
  }
}
