/** A pickle is a program that runs when it is loaded. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../errors.ts';

/** @throws InputError for a folder whose weights are pickles and nothing else */
export async function refusePickles(folder: string): Promise<void> {
  const files = await readdir(folder).catch(() => []);
  const pickle = files.find((name) => /^(pytorch_model.*\.bin|.*\.(pt|pth|ckpt|pkl))$/.test(name));
  if (pickle === undefined || files.some((name) => /\.safetensors(\.index\.json)?$/.test(name))) return;
  throw new InputError({
    field: join(folder, pickle),
    found: 'pickled weights, which can run any program when they are loaded',
    expected: 'weights in safetensors format',
    fix: 'Convert them where you trust them, with from_pretrained and save_pretrained of transformers, or ask for a safetensors version.',
  });
}
