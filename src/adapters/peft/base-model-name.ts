/** What PEFT finds the model by that an adapter is for, `base_model_name_or_path`. */
import { resolve } from 'node:path';
import { parseHubId } from '../../checkpoint/hub/hub-id.ts';

interface FoundModel {
  /** What was asked for: a path, or a hub id. */
  readonly name: string;
  /** Folder that a path is relative to. Default: the working folder. */
  readonly root?: string;
  /** Where it was found. */
  readonly folder: string;
}

/** The name on the hub of a model that was fetched from there, or an absolute path. */
export function baseModelName({ name, root = '.', folder }: FoundModel): string {
  const found = resolve(folder);
  return resolve(root, name) === found ? found : parseHubId(name).name;
}
