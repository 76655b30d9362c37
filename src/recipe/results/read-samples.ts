/** The samples of a stage, read back for its report. */
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import type { LoggedSample } from '../../stages/samples/sample-log.ts';

/** A hundred prompts of 20,000 characters, asked at a hundred steps, are half of it. */
const MAX_BYTES = 2 ** 28;

const sampleSchema = z.object({
  step: z.int().nonnegative(),
  weights_of_step: z.int().nonnegative(),
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

/** Those of the first and the last step, in their order. What is no sample is left out; a report never fails for want of them. */
export async function readSamples(path: string): Promise<LoggedSample[]> {
  const size = await stat(path).then(
    (status) => status.size,
    () => 0,
  );
  if (size === 0 || size > MAX_BYTES) return [];
  const samples = (await readFile(path, 'utf8')).split('\n').flatMap((line) => {
    const sample = sampleSchema.safeParse(asJson(line));
    return sample.success ? [sample.data] : [];
  });
  const last = Math.max(0, ...samples.map(({ step }) => step));
  return samples.filter(({ step }) => step === 0 || step === last);
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
