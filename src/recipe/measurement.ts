/** A measurement of the model in a run folder: made once, then read. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { bitsPerByte, type DocumentScore, relativeChange } from '../eval/bits-per-byte.ts';
import { writeFileAtomically } from '../files/atomic-write.ts';
import type { MeasuredSet } from './summary.ts';

const scoreSchema = z.strictObject({
  id: z.string(),
  source: z.string(),
  nats: z.number(),
  bytes: z.number(),
});
const storedSchema = z.strictObject({ hash: z.string(), sets: z.record(z.string(), z.array(scoreSchema)) });

export type Scores = ReadonlyMap<string, readonly DocumentScore[]>;

/** The scores kept in `folder` under `hash`, or those that `make` gives, which are then kept. */
export async function keptScores(folder: string, hash: string, make: () => Promise<Scores>): Promise<Scores> {
  const path = scoresFile(folder);
  const kept = storedSchema.safeParse(await readJson(path));
  if (kept.success && kept.data.hash === hash) return new Map(Object.entries(kept.data.sets));
  const scores = await make();
  await writeFileAtomically(path, `${JSON.stringify({ hash, sets: Object.fromEntries(scores) })}\n`);
  return scores;
}

/** The scores kept in the folder of a base or stage; `undefined` if there are none. */
export async function readScores(folder: string): Promise<Scores | undefined> {
  const kept = storedSchema.safeParse(await readJson(scoresFile(folder)));
  return kept.success ? new Map(Object.entries(kept.data.sets)) : undefined;
}

const scoresFile = (folder: string) => join(folder, 'scores.json');

/** What is not there or not JSON is made again. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

interface SummaryOptions {
  readonly confidence: number;
  readonly seed: number;
}

/** Totals of every set and source, with what changed since the base. */
export function summarise(scores: Scores, base: Scores | undefined, options: SummaryOptions): MeasuredSet[] {
  return [...scores].map(([name, documents]) => {
    const before = base?.get(name);
    const of = (source: string) => (score: DocumentScore) => score.source === source;
    const change = (keep: (score: DocumentScore) => boolean) =>
      before && { change: relativeChange(before.filter(keep), documents.filter(keep), options) };
    const { sources, ...total } = bitsPerByte(name, documents, options);
    return {
      ...total,
      ...change(() => true),
      sources: sources.map((source) => ({ ...source, ...change(of(source.name)) })),
    };
  });
}
