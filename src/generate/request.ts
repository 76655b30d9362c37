/** What a caller asks of the generator, and what it gets. */
import { InputError, UsageError } from '../errors.ts';
import type { CompiledConstraint } from './constraints/token-constraint.ts';
import { refuseOtherFields } from './refuse-other-fields.ts';
import type { TokenProbability } from './sampling/sampler.ts';
import { assertSampling, defaultSampling, type SamplingSettings } from './sampling/settings.ts';
import type { DecodingTool } from './tools/decoding-tool.ts';

export interface GenerationRequest {
  /** Token ids that the answer continues. */
  readonly prompt: ArrayLike<number>;
  /** Tokens of an answer, at most. Default: as many as there is room for. */
  readonly maxTokens?: number;
  /** Answers to draw. They share the reading of the prompt. Default: 1. */
  readonly n?: number;
  readonly sampling?: Partial<SamplingSettings>;
  /** Strings that end an answer and are left out of it, also where they cross tokens. */
  readonly stop?: readonly string[];
  /** Tokens that end an answer. Default: the tokenizer's end token. */
  readonly stopIds?: readonly number[];
  /** Keep the text of special tokens in the answer's text. Default: they are left out. */
  readonly showSpecialTokens?: boolean;
  /** A form that the answer must have. Not together with tools. */
  readonly constraint?: CompiledConstraint;
  /** Tools that write into the answer when it calls them. What they write counts as tokens of the answer. */
  readonly tools?: readonly DecodingTool[];
  /** Whether to tell how likely the prompt's own tokens were. */
  readonly promptLogProbabilities?: boolean;
  readonly signal?: AbortSignal;
}

/** A token of an answer. */
export interface GeneratedToken {
  readonly id: number;
  /** Natural logarithm, in the model's own distribution; null where the model was not asked. */
  readonly logProbability: number | null;
  /** The likeliest tokens, as many as were asked for. */
  readonly top: readonly TokenProbability[];
  /** False for what a tool inserted: the model did not choose it, and a policy is not trained on it. */
  readonly sampled: boolean;
}

/** What the model gave for one token of the prompt; null for the first, which nothing precedes. */
export type PromptToken = TokenProbability | null;

export type FinishReason = 'stop' | 'length';

export interface Completion {
  /** Which of the answers to the request. */
  readonly index: number;
  readonly text: string;
  readonly tokens: readonly GeneratedToken[];
  /** `stop`: a stop token, a stop string, or a constraint that was met. `length`: no more tokens were allowed. */
  readonly finishReason: FinishReason;
  /** The string or token that ended it. */
  readonly stoppedBy?: string | number;
}

export interface GenerationResult {
  readonly completions: readonly Completion[];
  /** Where they were asked for. */
  readonly promptTokens?: readonly PromptToken[];
}

/** A piece of an answer as it comes. */
export interface GenerationEvent {
  readonly index: number;
  /** Text that will not change any more; may be empty. */
  readonly text: string;
  readonly token?: GeneratedToken;
  readonly finishReason?: FinishReason;
}

const fields: Readonly<Record<keyof GenerationRequest, true>> = {
  prompt: true,
  maxTokens: true,
  n: true,
  sampling: true,
  stop: true,
  stopIds: true,
  showSpecialTokens: true,
  constraint: true,
  tools: true,
  promptLogProbabilities: true,
  signal: true,
};

/** @throws UsageError for the first field of a request, or of its sampling, that there is not */
export function refuseUnknownFields(request: GenerationRequest): void {
  const sampling = Object.keys(defaultSampling);
  refuseOtherFields(request, {
    names: Object.keys(fields),
    owner: 'a request',
    fix: `Under sampling are: ${sampling.join(', ')}.`,
  });
  refuseOtherFields(request.sampling ?? {}, {
    names: sampling,
    owner: 'sampling',
    fix: 'Correct its name, or leave it out.',
  });
}

/** A request with every default filled in. */
export interface CheckedRequest {
  readonly prompt: readonly number[];
  readonly maxTokens: number;
  readonly n: number;
  readonly sampling: SamplingSettings;
  readonly stopIds: readonly number[];
  readonly request: GenerationRequest;
}

export interface RequestLimits {
  readonly vocabulary: number;
  /** Tokens of prompt and answer together. */
  readonly capacity: number;
  readonly slots: number;
  readonly endId: number | undefined;
}

/** @throws UsageError or InputError naming what cannot be. */
export function checkRequest(
  request: GenerationRequest,
  { vocabulary, capacity, slots, endId }: RequestLimits,
): CheckedRequest {
  const prompt = Array.from(request.prompt);
  if (prompt.length === 0) {
    const fix = 'Give at least one token, such as the beginning-of-text token.';
    throw new InputError({ field: 'prompt', found: 'no tokens', expected: 'at least one', fix });
  }
  prompt.forEach((id, place) => {
    if (Number.isInteger(id) && id >= 0 && id < vocabulary) return;
    throw new InputError({
      field: `prompt, token ${place}`,
      found: `id ${id}`,
      expected: `an id from 0 to ${vocabulary - 1}`,
      fix: 'Use the tokenizer that belongs to the model.',
    });
  });
  const room = capacity - prompt.length;
  const maxTokens = request.maxTokens ?? room;
  if (room < 1 || maxTokens > room) {
    const answer = room < 1 ? '' : ` and ${maxTokens} for the answer`;
    throw new InputError({
      field: room < 1 ? 'prompt' : 'maxTokens',
      found: `${prompt.length} tokens${answer}`,
      expected: `at most ${room < 1 ? capacity - 1 : capacity} in all`,
      fix: 'Shorten the prompt, ask for fewer tokens, or give sequences more room.',
    });
  }
  requireCount('maxTokens', maxTokens, capacity);
  if (request.constraint && request.tools?.length) {
    const fix = 'Leave one of them out.';
    throw new UsageError({ field: 'tools', found: 'tools and a constraint', expected: 'one of them', fix });
  }
  const n = request.n ?? 1;
  requireCount('n', n, slots);
  const stopIds = request.stopIds ?? (endId === undefined ? [] : [endId]);
  const sampling = { ...defaultSampling, endIds: stopIds, ...request.sampling };
  assertSampling(sampling, vocabulary);
  return { prompt, maxTokens, n, sampling, stopIds, request };
}

function requireCount(field: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  const expected = `an integer from 1 to ${most}`;
  throw new UsageError({ field, found: String(value), expected, fix: 'Choose a number in that range.' });
}
