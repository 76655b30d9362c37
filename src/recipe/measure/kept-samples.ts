/**
 * `samples.jsonl` beside a result: what its model says, one JSON object a line, each under the hash of what was asked. An
 * answer is made once, and those to other prompts are added.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import type { Sample } from '../../stages/samples/generate-samples.ts';
import type { SamplePrompt } from '../../stages/samples/sample-prompts.ts';
import { hashOf } from '../plan/plan-stages.ts';

/** Far above a hundred prompts of 20,000 characters for each of a hundred stages. */
const MAX_BYTES = 2 ** 28;

const keptSchema = z.object({
  asked: z.string(),
  source: z.string(),
  prompt: z.string(),
  expected: z.string().nullable(),
  text: z.string(),
  ids: z.array(z.int()),
  tokens: z.array(z.string()),
  logprobs: z.array(z.number().nullable()),
  finish_reason: z.enum(['stop', 'length']),
  precision: z.enum(['f32', 'int8', 'int4']),
});

/** Of all that an answer depends on beside the model. */
export function hashOfPrompt({ ids, maxTokens, endIds, tools }: SamplePrompt): string {
  return hashOf([Array.from(ids), maxTokens, endIds, tools]);
}

/** By hash of the prompt. What is no sample is left out: it is made again. */
export async function readKeptSamples(folder: string): Promise<Map<string, Sample>> {
  const path = pathIn(folder);
  const size = await stat(path).then(
    (status) => status.size,
    () => 0,
  );
  if (size === 0 || size > MAX_BYTES) return new Map();
  const lines = (await readFile(path, 'utf8')).split('\n');
  return new Map(
    lines.flatMap((line): [string, Sample][] => {
      const kept = keptSchema.safeParse(asJson(line));
      if (!kept.success) return [];
      const { asked, ...sample } = kept.data;
      return [[asked, sample]];
    }),
  );
}

export async function keepSamples(folder: string, samples: ReadonlyMap<string, Sample>): Promise<void> {
  const lines = [...samples].map(([asked, sample]) => `${JSON.stringify({ asked, ...sample })}\n`);
  await writeFileAtomically(pathIn(folder), lines.join(''));
}

const pathIn = (folder: string): string => join(folder, 'samples.jsonl');

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
