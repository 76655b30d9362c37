/**
 * What a model answered to each item of a task, one JSON object a line, appended as answers come: an evaluation that is
 * interrupted goes on where it was, and scores can be made again without the model.
 *
 * A record is found by its key, which is a hash of all that the answers depend on. What was torn by a crash is as if it
 * were not there.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import { explainDiskFull } from '../../files/disk-space.ts';
import type { ItemRequests, ItemResponses } from '../tasks/task.ts';
import { linesOf } from './lines.ts';

interface ItemRecord {
  readonly key: string;
  readonly id: string;
  /** What was asked, for people who read the file. */
  readonly requests: ItemRequests;
  readonly responses: ItemResponses;
}

export interface RecordStore {
  /** The answers that are kept under a key. */
  responses(key: string): ItemResponses | undefined;
  append(record: ItemRecord): void;
  close(): void;
}

const failure = z.object({ ok: z.literal(false), failure: z.object({ kind: z.string(), reason: z.string() }) });
const outcomeOf = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('ok', [z.object({ ok: z.literal(true), value }), failure]);
const recordSchema = z.object({
  key: z.string(),
  id: z.string(),
  requests: z.unknown(),
  responses: z.object({
    continuations: z.array(
      outcomeOf(
        z.array(
          z.object({
            logProbability: z.number(),
            tokens: z.number(),
            greedy: z.boolean(),
            cleanBorder: z.boolean(),
            isBound: z.boolean().optional(),
          }),
        ),
      ),
    ),
    texts: z.array(outcomeOf(z.object({ nats: z.number(), tokens: z.number(), bytes: z.number() }))),
    answers: z.array(
      outcomeOf(z.object({ text: z.string(), finishReason: z.enum(['stop', 'length']), tokens: z.number() })),
    ),
  }),
});

/**
 * Opens the file. Answers to what is not asked this time stay in it: a smaller limit must not lose those of a larger one.
 * Failures go: whoever goes on with an evaluation wants them tried again.
 * @throws whatever reading throws where there is a file: answers are not taken for none
 */
export async function openRecords(path: string): Promise<RecordStore> {
  const kept = new Map<string, { readonly line: string; readonly responses: ItemResponses }>();
  if (existsSync(path)) {
    for await (const line of linesOf(path)) {
      const record = parse(line);
      if (record && isWhole(record.responses)) kept.set(record.key, { line, ...record });
    }
  }
  mkdirSync(dirname(path), { recursive: true });
  await writeFileAtomically(path, async (file) => {
    for (const { line } of kept.values()) await file.appendFile(`${line}\n`);
  });
  const file = openSync(path, 'a');
  return {
    responses: (key) => kept.get(key)?.responses,
    append(record) {
      try {
        writeFileSync(file, `${JSON.stringify(record)}\n`);
      } catch (error) {
        throw explainDiskFull(path, error);
      }
    },
    close() {
      fsyncSync(file);
      closeSync(file);
    },
  };
}

function parse(line: string): { readonly key: string; readonly responses: ItemResponses } | undefined {
  try {
    const parsed = recordSchema.safeParse(JSON.parse(line));
    return parsed.success ? (parsed.data as ItemRecord) : undefined;
  } catch {
    return undefined;
  }
}

const isWhole = ({ continuations, texts, answers }: ItemResponses): boolean =>
  [...continuations, ...texts, ...answers].every(({ ok }) => ok);
