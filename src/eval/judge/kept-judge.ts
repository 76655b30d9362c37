/**
 * A judge whose answers are kept in a file: an evaluation that is done again, or goes on, asks only what was not asked
 * before. An answer is found by a hash of the judge and of all that it was asked; what was torn by a crash is as if it
 * were not there.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import { explainDiskFull } from '../../files/disk-space.ts';
import type { Answer, AnswerRequest, LanguageModel, Outcome, RequestOptions } from '../model/language-model.ts';
import { linesOf } from '../run/lines.ts';

const recordSchema = z.object({
  key: z.string(),
  answer: z.object({ text: z.string(), finishReason: z.enum(['stop', 'length']), tokens: z.number() }),
});

/** Closing it closes the file, not the judge behind it. */
export async function keepAnswersOf(judge: LanguageModel, path: string): Promise<LanguageModel> {
  const known = new Map<string, Answer>();
  if (existsSync(path)) {
    for await (const line of linesOf(path)) {
      const record = parse(line);
      if (record) known.set(record.key, record.answer);
    }
  }
  mkdirSync(dirname(path), { recursive: true });
  await writeFileAtomically(path, async (file) => {
    for (const [key, answer] of known) await file.appendFile(`${JSON.stringify({ key, answer })}\n`);
  });
  const file = openSync(path, 'a');
  let cached = 0;

  const keep = (key: string, answer: Answer): void => {
    known.set(key, answer);
    try {
      writeFileSync(file, `${JSON.stringify({ key, answer })}\n`);
    } catch (error) {
      throw explainDiskFull(path, error);
    }
  };

  async function answer(
    requests: readonly AnswerRequest[],
    { signal, onOutcome }: RequestOptions<Answer> = {},
  ): Promise<readonly Outcome<Answer>[]> {
    const outcomes: Outcome<Answer>[] = [];
    const settle = (index: number, outcome: Outcome<Answer>) => {
      outcomes[index] = outcome;
      onOutcome?.(index, outcome);
    };
    const keys = requests.map((request) => hashOf([judge.identity, request]));
    const open: number[] = [];
    for (const [index, key] of keys.entries()) {
      const found = known.get(key);
      if (found === undefined) open.push(index);
      else {
        cached++;
        settle(index, { ok: true, value: found });
      }
    }
    if (open.length === 0) return outcomes;
    await judge.answer(
      open.map((index) => requests[index]),
      {
        signal,
        onOutcome: (i, outcome) => {
          if (outcome.ok) keep(keys[open[i]], outcome.value);
          settle(open[i], outcome);
        },
      },
    );
    return outcomes;
  }

  const { name, identity, contextLength, chat, scoringLimitation } = judge;
  return {
    name,
    identity,
    contextLength,
    chat,
    scoringLimitation,
    scoreContinuations: (requests, options) => judge.scoreContinuations(requests, options),
    scoreTexts: (texts, options) => judge.scoreTexts(texts, options),
    answer,
    usage: () => ({ ...judge.usage(), cached: judge.usage().cached + cached }),
    async close() {
      fsyncSync(file);
      closeSync(file);
    },
  };
}

function parse(line: string): z.infer<typeof recordSchema> | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
