import { join } from 'node:path';
import { writeFileAtomically } from '../files/atomic-write.ts';
import type { TokenizerFile } from './tokenizer.ts';

/**
 * Writes the files of a tokenizer into a folder, making it if need be. Each file is replaced atomically, and
 * `tokenizer.json` comes last: while it is missing, so is the tokenizer.
 */
export async function saveTokenizer(folder: string, files: readonly TokenizerFile[]): Promise<void> {
  const isMain = (file: TokenizerFile): boolean => file.name === 'tokenizer.json';
  for (const file of [...files.filter((file) => !isMain(file)), ...files.filter(isMain)]) {
    await writeFileAtomically(join(folder, file.name), file.bytes);
  }
}
