/** The configuration of an adapter folder, or that there is no adapter. */
import { join } from 'node:path';
import { InputError } from '../../errors.ts';
import { readJsonObject } from '../../files/json-file.ts';
import { exists } from '../../files/temporary-name.ts';
import { configFile, type PeftConfig, parsePeftConfig } from './adapter-config.ts';

/**
 * @param fix what to do where the folder holds no adapter
 * @throws InputError for such a folder, and as `parsePeftConfig`
 */
export async function readPeftConfig(
  folder: string,
  fix = 'Name the folder of an adapter, which has this file beside its weights, or its hub id.',
): Promise<PeftConfig> {
  const path = join(folder, configFile);
  if (await exists(path)) return parsePeftConfig(await readJsonObject(path), path);
  throw new InputError({ field: path, found: 'no such file', expected: 'an adapter of PEFT', fix });
}
