/**
 * An encoder-decoder on this machine. It reads a prompt on one side and writes on the other, so a continuation is scored as
 * the beginning of an answer: without the white space that separates the two, and without the end of a text, as
 * lm-evaluation-harness scores such models. Texts by themselves have no probability.
 */
import { basename, resolve } from 'node:path';
import { InputError, UsageError } from '../../errors.ts';
import { answerTexts } from '../../generate/seq2seq/answer-text.ts';
import { type OpenEncoderDecoder, openEncoderDecoder } from '../../generate/seq2seq/open-encoder-decoder.ts';
import { readingBytes } from '../../generate/seq2seq/reading-memory.ts';
import { modelHash } from '../../models/model-hash.ts';
import type { TextPair } from '../../objectives/seq2seq/batch.ts';
import { PairScorer } from '../score-pairs.ts';
import type {
  Answer,
  AnswerRequest,
  ContinuationRequest,
  ContinuationScore,
  Failure,
  LanguageModel,
  Outcome,
  Prompt,
  RequestOptions,
  TextScore,
  Usage,
} from './language-model.ts';
import type { LocalModelOptions } from './local-model.ts';

/** Answers that are written at once. */
const mostRows = 32;

/** @throws as `openEncoderDecoder`; UsageError for a precision that it does not have */
export async function openLocalEncoderDecoder(folder: string, options: LocalModelOptions): Promise<LanguageModel> {
  const { precision = 'f32', context } = options;
  if (precision !== 'f32') {
    throw new UsageError({
      field: 'precision',
      found: `${precision}, of an encoder-decoder`,
      expected: 'f32',
      fix: 'Leave it out: such models are computed with in float32.',
    });
  }
  return new LocalEncoderDecoder(folder, await openEncoderDecoder(folder, options), context);
}

class LocalEncoderDecoder implements LanguageModel {
  readonly name: string;
  readonly identity: string;
  /** Tokens of the prompt, or of the answer; relative positions set no limit. */
  readonly contextLength: number | undefined;
  readonly chat = false;
  readonly scoringLimitation = 'an encoder-decoder answers texts and gives none by itself: whole texts are not scored';
  readonly #model: OpenEncoderDecoder;
  readonly #usage = { requests: 0, cached: 0, promptTokens: 0, answerTokens: 0 };

  constructor(folder: string, model: OpenEncoderDecoder, context: number | undefined) {
    this.name = basename(resolve(folder));
    this.identity = `${modelHash(model)}/f32/${context ?? 'unbounded'}`;
    this.contextLength = context;
    this.#model = model;
  }

  async scoreContinuations(
    requests: readonly ContinuationRequest[],
    { signal, onOutcome }: RequestOptions<readonly ContinuationScore[]> = {},
  ): Promise<readonly Outcome<readonly ContinuationScore[]>[]> {
    const { engine } = this.#model;
    const scorer = new PairScorer(engine, this.#model);
    try {
      const outcomes: Outcome<readonly ContinuationScore[]>[] = [];
      for (const index of this.#byLength(requests)) {
        signal?.throwIfAborted();
        const { prompt, continuations } = requests[index];
        outcomes[index] = await this.#outcomeOf(async () => {
          const scores: ContinuationScore[] = [];
          for (const continuation of continuations) scores.push(await this.#score(scorer, prompt, continuation));
          return scores;
        });
        onOutcome?.(index, outcomes[index]);
      }
      return outcomes;
    } finally {
      await engine.drain();
      scorer.release();
    }
  }

  async scoreTexts(
    texts: readonly string[],
    { onOutcome }: RequestOptions<TextScore> = {},
  ): Promise<readonly Outcome<TextScore>[]> {
    const failure: Failure = { kind: 'failed', reason: this.scoringLimitation };
    return texts.map((_, index) => {
      const outcome = { ok: false, failure } as const;
      onOutcome?.(index, outcome);
      return outcome;
    });
  }

  async answer(
    requests: readonly AnswerRequest[],
    { signal, onOutcome }: RequestOptions<Answer> = {},
  ): Promise<readonly Outcome<Answer>[]> {
    const outcomes: Outcome<Answer>[] = [];
    const settle = (index: number, outcome: Outcome<Answer>) => {
      outcomes[index] = outcome;
      onOutcome?.(index, outcome);
    };
    const asked: { readonly index: number; readonly request: Parameters<typeof answerTexts>[1][number] }[] = [];
    for (const [index, { prompt, maxTokens, stop, temperature = 0, topP = 1, seed = 0 }] of requests.entries()) {
      const input = await this.#outcomeOf(async () => this.#inputOf(prompt));
      if (!input.ok) settle(index, input);
      else
        asked.push({ index, request: { input: input.value, maxTokens, stop, sampling: { temperature, topP, seed } } });
    }
    if (asked.length === 0) return outcomes;
    const wanted = asked.map(({ request }) => request);
    await answerTexts(this.#model, wanted, {
      rows: this.#rows(wanted),
      signal,
      onAnswer: (i, { text, finishReason, tokens }) => {
        this.#count(asked[i].request.input.length, tokens.length);
        settle(asked[i].index, { ok: true, value: { text, finishReason, tokens: tokens.length } });
      },
    });
    return outcomes;
  }

  usage(): Usage {
    return { ...this.#usage };
  }

  close(): Promise<void> {
    return this.#model.close();
  }

  async #score(scorer: PairScorer, prompt: Prompt, continuation: string): Promise<ContinuationScore> {
    const { tokenizer } = this.#model;
    const target = tokenizer.encode(continuation.trimStart(), { addSpecialTokens: false });
    const pair: TextPair = { input: this.#inputOf(prompt), target };
    this.#requireRoom(target.length);
    if (target.length === 0) return { logProbability: 0, tokens: 0, greedy: true, cleanBorder: true };
    const { sum, greedy } = await scorer.scoreBeginning(pair, 'continuation');
    this.#count(pair.input.length, 0);
    return { logProbability: sum, tokens: target.length, greedy, cleanBorder: true };
  }

  /** @throws UsageError for a conversation, which no template writes; TooLong */
  #inputOf(prompt: Prompt): Int32Array {
    if (typeof prompt !== 'string') {
      throw new UsageError({
        field: this.name,
        found: 'an encoder-decoder, which has no chat template',
        expected: 'a decoder with one, since prompts are conversations',
        fix: 'Ask in plain text.',
      });
    }
    const ids = this.#model.tokenizer.encode(prompt.trimEnd());
    this.#requireRoom(ids.length);
    return ids;
  }

  #requireRoom(tokens: number): void {
    if (this.contextLength !== undefined && tokens > this.contextLength) throw new TooLong(tokens, this.contextLength);
  }

  /** Prompts of like length one after the other, for which programs are there already. */
  #byLength(requests: readonly ContinuationRequest[]): readonly number[] {
    const length = ({ prompt }: ContinuationRequest) => prompt.length;
    return [...requests.keys()].sort((a, b) => length(requests[a]) - length(requests[b]));
  }

  /** As many as there is memory for, half of what is free. */
  #rows(requests: readonly { readonly input: ArrayLike<number>; readonly maxTokens: number }[]): number {
    const longest = (value: (request: (typeof requests)[number]) => number) => Math.max(...requests.map(value));
    const inputLength = 2 * longest(({ input }) => input.length);
    const maxTokens = 2 * longest((request) => request.maxTokens);
    const each = readingBytes(this.#model.architecture.sizes, { rows: 1, inputLength, maxTokens });
    return Math.max(1, Math.min(mostRows, Math.floor(process.availableMemory() / 2 / each)));
  }

  /** What is wrong with the request is its outcome; what is wrong with us is thrown. */
  async #outcomeOf<T>(make: () => Promise<T>): Promise<Outcome<T>> {
    try {
      return { ok: true, value: await make() };
    } catch (error) {
      if (error instanceof TooLong) return { ok: false, failure: { kind: 'too-long', reason: error.message } };
      if (!(error instanceof InputError)) throw error;
      return { ok: false, failure: { kind: 'failed', reason: error.message } };
    }
  }

  #count(promptTokens: number, answerTokens: number): void {
    this.#usage.requests++;
    this.#usage.promptTokens += promptTokens;
    this.#usage.answerTokens += answerTokens;
  }
}

class TooLong extends Error {
  constructor(tokens: number, most: number) {
    super(`${tokens} tokens, more than the ${most} of the context`);
  }
}
