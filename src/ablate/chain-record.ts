/** What is kept of a chain that was run, so that an ablation goes on without running it again. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomically } from '../files/atomic-write.ts';

const count = z.int().nonnegative();

const schema = z.strictObject({
  version: z.literal(2),
  /** SHA-256 of the resolved recipe. */
  recipe: z.string(),
  stages: z.array(z.strictObject({ name: z.string(), steps: count, tokens: count })),
  /** What it was run on, by which a change is noticed. */
  contents: z.strictObject({ base: z.string().nullable(), data: z.string() }),
  /** Names of folders of results: of the last stage, and of those that evaluate it. */
  end: z.string(),
  asked: z.record(z.string(), z.string()),
  /** Seconds that the last session of the run took. */
  seconds: z.number().nonnegative(),
});

export type ChainRecord = Omit<z.infer<typeof schema>, 'version'>;

/** What is not there, cannot be read or is of another recipe is no record: the chain is run again. */
export async function readChainRecord(path: string, recipe: string): Promise<ChainRecord | undefined> {
  const text = await readFile(path, 'utf8').catch(() => 'null');
  const record = schema.safeParse(asJson(text));
  return record.success && record.data.recipe === recipe ? record.data : undefined;
}

export async function writeChainRecord(path: string, record: ChainRecord): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify({ version: 2, ...record }, undefined, 2)}\n`);
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
