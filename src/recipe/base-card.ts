/** What the model card of a base tells of it, as far as it also holds for what is made from it. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** Under the names of the hub's metadata. */
export interface BaseCard {
  readonly license?: string;
  readonly licenseName?: string;
  readonly languages: readonly string[];
  readonly datasets: readonly string[];
}

const MAX_BYTES = 2 ** 16;
const word = z.string().regex(/^[\w][\w./-]{0,95}$/);
/** One or several; what is no word among them goes. */
const words = z
  .union([z.string(), z.array(z.unknown()).max(200)])
  .catch([])
  .transform((all): string[] => [all].flat().flatMap((each) => word.safeParse(each).data ?? []));

const metadata = z.object({
  license: word.optional().catch(undefined),
  license_name: word.optional().catch(undefined),
  language: words.optional(),
  datasets: words.optional(),
});

/** Reads README.md; what is not there or cannot be read is as if the card did not tell it. */
export async function readBaseCard(folder: string): Promise<BaseCard> {
  const [, front] = /^---\r?\n([\s\S]*?)\r?\n---\s*(?:\n|$)/.exec(await beginningOf(join(folder, 'README.md'))) ?? [];
  const { license, license_name: licenseName, language = [], datasets = [] } = metadata.parse(asYaml(front ?? ''));
  return { license, licenseName, languages: language, datasets };
}

async function beginningOf(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return '';
  } finally {
    await file.close();
  }
}

function asYaml(text: string): object {
  try {
    const value: unknown = parse(text, { maxAliasCount: 0 });
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
