/** Bits per byte of a set by a model: made once, then read. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { DocumentScore } from '../../eval/bits-per-byte.ts';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import type { Scores } from './summarise.ts';

const scoreSchema = z.strictObject({
  id: z.string(),
  source: z.string(),
  nats: z.number(),
  bytes: z.number(),
});
const storedSchema = z.strictObject({ hash: z.string(), set: z.string(), scores: z.array(scoreSchema) });

export interface ScoresToKeep {
  /** Folder of the model's result. */
  readonly folder: string;
  readonly set: string;
  /** Of all that the scores depend on, beside the model. */
  readonly hash: string;
}

/** What is not there or cannot be read is made again. */
export async function readKeptScores(place: ScoresToKeep): Promise<readonly DocumentScore[] | undefined> {
  const text = await readFile(fileOf(place), 'utf8').catch(() => 'null');
  const kept = storedSchema.safeParse(asJson(text));
  return kept.success && kept.data.hash === place.hash ? kept.data.scores : undefined;
}

export async function keepScores(place: ScoresToKeep, scores: readonly DocumentScore[]): Promise<void> {
  const { hash, set } = place;
  await writeFileAtomically(fileOf(place), `${JSON.stringify({ hash, set, scores })}\n`);
}

/** All scores that are kept in the folder of a result, by set. @throws Error where a set was measured in two ways */
export async function readAllScores(folder: string): Promise<Scores> {
  const scores = new Map<string, readonly DocumentScore[]>();
  for (const name of await readdir(join(folder, 'measured'))) {
    if (!name.endsWith('.json')) continue;
    const kept = storedSchema.parse(JSON.parse(await readFile(join(folder, 'measured', name), 'utf8')));
    if (scores.has(kept.set)) throw new Error(`${folder}: ${kept.set} was measured in two ways`);
    scores.set(kept.set, kept.scores);
  }
  return scores;
}

const fileOf = ({ folder, set, hash }: ScoresToKeep): string =>
  join(folder, 'measured', `${set}-${hash.slice(0, 12)}.json`);

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
