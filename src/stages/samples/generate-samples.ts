/**
 * Answers of a model as it is, in the middle of its training: its weights are frozen for the moment in the most precise
 * form that fits into the memory that is free, read greedily, and given back. Training goes on as if nothing had happened.
 */
import { UsageError } from '../../errors.ts';
import { cacheBytes } from '../../generate/cache/plain-cache.ts';
import { type FreezableModel, freeze } from '../../generate/frozen/freeze.ts';
import { frozenBytes } from '../../generate/frozen/frozen-bytes.ts';
import { Generator } from '../../generate/generator.ts';
import type { Completion } from '../../generate/request.ts';
import { type AnsweringModel, answerTexts } from '../../generate/seq2seq/answer-text.ts';
import { sharedSignal } from '../../generate/shared-signal.ts';
import { namedTool } from '../../generate/tools/named-tools.ts';
import type { Decoder } from '../../models/decoder.ts';
import type { Precision } from '../../models/inference-graph.ts';
import { formatBytes } from '../../observe/numbers.ts';
import type { Engine } from '../../runtime/engine.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { SamplePrompt } from './sample-prompts.ts';

export interface Sample {
  readonly source: string;
  readonly prompt: string;
  readonly expected: string | null;
  readonly text: string;
  readonly ids: readonly number[];
  /** Text of each token, and its log-probability in nats; null for what a tool wrote. */
  readonly tokens: readonly string[];
  readonly logprobs: readonly (number | null)[];
  readonly finish_reason: 'stop' | 'length';
  readonly precision: Precision;
}

export interface SamplingOptions {
  readonly signal?: AbortSignal;
  /** Bytes that may be taken. Default: half of what is free, since training goes on afterwards. */
  readonly available?: number;
}

/** Most precise first. */
const precisions: readonly Precision[] = ['f32', 'int8', 'int4'];

/** Answers that are written together. */
const mostSlots = 8;

/** @throws UsageError where no form of the model fits into memory, or the runtime cannot generate with its head size */
export async function generateSamples(
  engine: Engine,
  model: FreezableModel & { readonly tokenizer: Tokenizer },
  prompts: readonly SamplePrompt[],
  { signal: given, available = process.availableMemory() / 2 }: SamplingOptions = {},
): Promise<Sample[]> {
  const { decoder, tokenizer } = model;
  if (prompts.length === 0) return [];
  const shape = samplingShape(prompts, decoder);
  const precision = precisionWithin(available - cacheBytes(decoder, shape), decoder);
  const frozen = freeze(engine, model, { precision, positions: shape.capacity });
  const generator = new Generator(engine, frozen, tokenizer, shape);
  const signal = given && sharedSignal([given]);
  try {
    const generations = prompts.map(({ ids, maxTokens, endIds, tools }) =>
      generator.generate({
        prompt: ids,
        maxTokens: Math.min(maxTokens, shape.capacity - ids.length),
        sampling: { temperature: 0 },
        stopIds: endIds,
        tools: tools.map(namedTool),
        signal,
      }),
    );
    const results = await Promise.all(generations.map(({ result }) => result));
    return results.map(({ completions: [completion] }, i) =>
      sampleOf(prompts[i], completion, { tokenizer, precision }),
    );
  } finally {
    await generator.close();
    await engine.drain();
    frozen.release();
  }
}

/** An encoder-decoder as it is, also in the middle of its training. */
interface AnsweringPairs extends Pick<AnsweringModel, 'architecture' | 'parameters' | 'tokenizer'> {}

/** Samples of a model of either kind. @throws as `generateSamples` and `generatePairSamples` */
export const samplesOf = (
  engine: Engine,
  model: (FreezableModel & { readonly tokenizer: Tokenizer }) | AnsweringPairs,
  prompts: readonly SamplePrompt[],
  options: SamplingOptions = {},
): Promise<Sample[]> =>
  'architecture' in model
    ? generatePairSamples(engine, model, prompts, options)
    : generateSamples(engine, model, prompts, options);

/** Answers of an encoder-decoder, with its weights in float32. @throws UsageError where they do not fit into memory */
export async function generatePairSamples(
  engine: Engine,
  model: AnsweringPairs,
  prompts: readonly SamplePrompt[],
  { signal }: Pick<SamplingOptions, 'signal'> = {},
): Promise<Sample[]> {
  if (prompts.length === 0) return [];
  const requests = prompts.map(({ ids, maxTokens, endIds }) => {
    return { input: ids, maxTokens, sampling: { temperature: 0 }, stopIds: endIds };
  });
  const asked = { ...model, engine, endIds: model.architecture.endIds };
  const completions = await answerTexts(asked, requests, { rows: mostSlots, signal });
  const { tokenizer } = model;
  return completions.map((completion, i) => sampleOf(prompts[i], completion, { tokenizer, precision: 'f32' }));
}

function sampleOf(
  { source, text: prompt, expected }: SamplePrompt,
  { text, tokens, finishReason }: Completion,
  { tokenizer, precision }: { readonly tokenizer: Tokenizer; readonly precision: Precision },
): Sample {
  return {
    source,
    prompt,
    expected,
    text,
    ids: tokens.map(({ id }) => id),
    tokens: tokens.map(({ id }) => tokenizer.decode([id])),
    logprobs: tokens.map(({ logProbability }) => logProbability),
    finish_reason: finishReason,
    precision,
  };
}

/** Answers that are written together, and room for the longest of them. */
function samplingShape(prompts: readonly SamplePrompt[], { sizes: { positions } }: Decoder) {
  const longest = Math.max(...prompts.map(({ ids, maxTokens }) => ids.length + maxTokens));
  return { slots: Math.min(mostSlots, prompts.length), capacity: Math.min(positions, longest) };
}

function precisionWithin(bytes: number, decoder: Decoder): Precision {
  const precision = precisions.find((candidate) => frozenBytes(decoder, candidate) <= bytes);
  if (precision) return precision;
  throw new UsageError({
    field: 'samples',
    found: `${formatBytes(Math.max(0, bytes))} to spare`,
    expected: `${formatBytes(frozenBytes(decoder, 'int4'))} for the model in 4 bits`,
    fix: 'Set samples: null, or use a machine with more memory.',
  });
}
