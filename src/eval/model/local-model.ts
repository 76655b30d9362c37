/** A checkpoint on this machine, run by Finery's own engine. */
import { basename, resolve } from 'node:path';
import { InputError, UsageError } from '../../errors.ts';
import { forEachInFlight } from '../../files/in-flight.ts';
import { cacheBytes } from '../../generate/cache/plain-cache.ts';
import {
  ContinuationScorer,
  type ScorableQuestion,
  type ScoredContinuation,
} from '../../generate/continuation-scorer.ts';
import { Generator } from '../../generate/generator.ts';
import { type OpenModel, openModel } from '../../generate/open-model.ts';
import { turnEnd } from '../../generate/prompt/answer-ends.ts';
import { idsOfMessages, idsOfText, spansOfMessages, templateOf } from '../../generate/prompt/prompt-ids.ts';
import { sharedSignal } from '../../generate/shared-signal.ts';
import { compareTokens, sharedBeginning } from '../../generate/token-order.ts';
import { namedTool } from '../../generate/tools/named-tools.ts';
import { holdsEncoderDecoder } from '../../models/encoder-decoder-model.ts';
import type { Precision } from '../../models/inference-graph.ts';
import type { ChatTemplate } from '../../tokenizer/chat/chat-template.ts';
import { encodeSpans } from '../../tokenizer/chat/encode-spans.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
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
import { openLocalEncoderDecoder } from './local-encoder-decoder.ts';
import { beginning, requireBeginning, type SplitText, splitAtBorder } from './split-at-border.ts';

export interface LocalModelOptions {
  /** Default f32. */
  readonly precision?: Precision;
  /** Folder of an adapter that is merged into the model as it was read. Default none. */
  readonly adapter?: string;
  /** Default: all cores. */
  readonly threads?: number;
  /** Tokens of prompt and answer together. Default and at most: the positions of the model. */
  readonly context?: number;
  readonly signal?: AbortSignal;
  readonly onWarning?: (warning: string) => void;
}

/** @throws UsageError or InputError for a checkpoint that cannot be used */
export async function openLocalModel(folder: string, options: LocalModelOptions = {}): Promise<LanguageModel> {
  if (await holdsEncoderDecoder(folder)) return openLocalEncoderDecoder(folder, options);
  const { precision = 'f32', adapter, threads, context, signal, onWarning } = options;
  const model = await openModel(folder, { precision, adapter, threads, withHash: true, signal, onWarning });
  try {
    const template = await templateOf(model);
    const end = template && (await turnEnd(template, model.tokenizer));
    return new LocalModel(model, {
      template,
      chatEndIds: end === undefined ? model.endIds : [...model.endIds, end],
      contextLength: Math.min(context ?? model.frozen.positions, model.frozen.positions),
    });
  } catch (error) {
    await model.close();
    throw error;
  }
}

interface LocalModelParts {
  readonly template: ChatTemplate | undefined;
  /** Tokens that end an answer in a conversation. */
  readonly chatEndIds: readonly number[];
  readonly contextLength: number;
}

/** Answers that are written at once: beyond this a step costs as much more as it gives. */
const mostSlots = 32;
/** A beginning this long is read before all prompts that share it. */
const worthSharing = 64;

class LocalModel implements LanguageModel {
  readonly name: string;
  readonly identity: string;
  readonly contextLength: number;
  readonly chat: boolean;
  readonly scoringLimitation = undefined;
  readonly #model: OpenModel;
  readonly #template: ChatTemplate | undefined;
  readonly #chatEndIds: readonly number[];
  readonly #usage = { requests: 0, cached: 0, promptTokens: 0, answerTokens: 0 };

  constructor(model: OpenModel, { template, chatEndIds, contextLength }: LocalModelParts) {
    this.#model = model;
    this.#template = template;
    this.#chatEndIds = chatEndIds;
    this.name = basename(resolve(model.folder));
    this.contextLength = contextLength;
    this.identity = `${model.hash}/${model.frozen.precision}/${contextLength}`;
    this.chat = template !== undefined;
  }

  async scoreContinuations(
    requests: readonly ContinuationRequest[],
    { signal, onOutcome }: RequestOptions<readonly ContinuationScore[]> = {},
  ): Promise<readonly Outcome<readonly ContinuationScore[]>[]> {
    const plan = async ({ prompt, continuations }: ContinuationRequest) =>
      planContinuations(await this.#split(prompt, continuations));
    return this.#score(requests, plan, { signal, onOutcome });
  }

  async scoreTexts(
    texts: readonly string[],
    { signal, onOutcome }: RequestOptions<TextScore> = {},
  ): Promise<readonly Outcome<TextScore>[]> {
    const plan = async (text: string) => planText(this.#model.tokenizer, text, this.contextLength);
    return this.#score(texts, plan, { signal, onOutcome });
  }

  async answer(
    requests: readonly AnswerRequest[],
    { signal: given, onOutcome }: RequestOptions<Answer> = {},
  ): Promise<readonly Outcome<Answer>[]> {
    const signal = given && sharedSignal([given]);
    const outcomes: Outcome<Answer>[] = [];
    const settle = (index: number, outcome: Outcome<Answer>) => {
      outcomes[index] = outcome;
      onOutcome?.(index, outcome);
    };
    const prompts: { readonly index: number; readonly ids: readonly number[]; readonly maxTokens: number }[] = [];
    for (const [index, { prompt, maxTokens }] of requests.entries()) {
      const ids = await outcomeOf(() => this.#promptIds(prompt));
      if (!ids.ok) settle(index, ids);
      else if (ids.value.length >= this.contextLength) settle(index, this.#tooLong(ids.value.length + 1));
      else
        prompts.push({ index, ids: ids.value, maxTokens: Math.min(maxTokens, this.contextLength - ids.value.length) });
    }
    if (prompts.length === 0) return outcomes;
    prompts.sort((a, b) => compareTokens(a.ids, b.ids));
    const capacity = Math.max(...prompts.map(({ ids, maxTokens }) => ids.length + maxTokens));
    const slots = Math.min(prompts.length, this.#slots(capacity));
    const { engine, frozen, tokenizer, endIds } = this.#model;
    const generator = new Generator(engine, frozen, tokenizer, { slots, capacity });
    try {
      await warmUp(generator, prompts[0].ids, prompts.at(-1)!.ids);
      await forEachInFlight(prompts, 2 * slots, async ({ index, ids, maxTokens }) => {
        const { prompt, stop, temperature = 0, topP = 1, seed = 0, tools: names = [] } = requests[index];
        signal?.throwIfAborted();
        const sampling = { temperature, topP, seed };
        const stopIds = typeof prompt === 'string' ? endIds : this.#chatEndIds;
        const tools = names.map(namedTool);
        const request = { prompt: ids, maxTokens, sampling, stop, stopIds, tools, signal };
        const { completions } = await generator.generate(request).result;
        const [{ text, finishReason, tokens }] = completions;
        this.#count(ids.length, tokens.length);
        settle(index, { ok: true, value: { text, finishReason, tokens: tokens.length } });
      });
    } finally {
      await generator.close();
    }
    return outcomes;
  }

  usage(): Usage {
    return { ...this.#usage };
  }

  async close(): Promise<void> {
    await this.#template?.close();
    await this.#model.close();
  }

  /** Plans each request, asks all their questions in one go, and settles a request when its last question is answered. */
  async #score<R, T>(
    requests: readonly R[],
    plan: (request: R) => Promise<ScoringPlan<T>>,
    { signal, onOutcome }: RequestOptions<T>,
  ): Promise<readonly Outcome<T>[]> {
    const outcomes: Outcome<T>[] = [];
    const settle = (index: number, outcome: Outcome<T>) => {
      outcomes[index] = outcome;
      onOutcome?.(index, outcome);
    };
    const asked: { readonly question: ScorableQuestion; readonly answer: (scores: Scores) => void }[] = [];
    for (const [index, request] of requests.entries()) {
      const planned = await outcomeOf(() => plan(request));
      if (!planned.ok) {
        settle(index, planned);
        continue;
      }
      const { questions, result } = planned.value;
      const tokens = Math.max(0, ...questions.map(ContinuationScorer.tokensOf));
      if (tokens > this.contextLength) {
        settle(index, this.#tooLong(tokens));
        continue;
      }
      const scores: Scores[] = [];
      let left = questions.length;
      if (left === 0) settle(index, { ok: true, value: result([]) });
      for (const [i, question] of questions.entries()) {
        const answer = (found: Scores) => {
          scores[i] = found;
          if (--left === 0) settle(index, { ok: true, value: result(scores) });
        };
        asked.push({ question, answer });
      }
    }
    if (asked.length > 0) {
      const questions = asked.map(({ question }) => question);
      const capacity = Math.max(...questions.map(ContinuationScorer.tokensOf));
      const scorer = new ContinuationScorer(this.#model.engine, this.#model.frozen, capacity);
      const onScored = (i: number, scores: Scores) => {
        this.#count(ContinuationScorer.tokensOf(questions[i]), 0);
        asked[i].answer(scores);
      };
      await scorer.score(questions, { signal, onScored });
    }
    return outcomes;
  }

  async #split(prompt: Prompt, continuations: readonly string[]): Promise<SplitText[]> {
    const { tokenizer } = this.#model;
    if (typeof prompt === 'string') return continuations.map((text) => splitAtBorder(tokenizer, prompt, text));
    const spans = await spansOfMessages(this.#requireTemplate(), prompt);
    const ids = [...encodeSpans(tokenizer, spans).ids];
    return continuations.map((text) => {
      // A span of its own: in a conversation no token crosses the border.
      const whole = encodeSpans(tokenizer, [...spans, { text, source: 'content', trained: false }]).ids;
      return { prompt: ids, continuation: [...whole.subarray(ids.length)], cleanBorder: true };
    });
  }

  async #promptIds(prompt: Prompt): Promise<number[]> {
    const { tokenizer } = this.#model;
    if (typeof prompt !== 'string') return idsOfMessages(this.#requireTemplate(), tokenizer, prompt);
    const ids = idsOfText(tokenizer, prompt);
    return ids.length > 0 ? ids : requireBeginning(tokenizer);
  }

  #requireTemplate(): ChatTemplate {
    if (this.#template) return this.#template;
    throw new UsageError({
      field: this.#model.folder,
      found: 'a model without a chat template',
      expected: 'one with a template, since prompts are conversations',
      fix: 'Ask in plain text, or use a model that was tuned for chat.',
    });
  }

  /** As many as there is memory for, half of what is free. */
  #slots(capacity: number): number {
    const each = cacheBytes(this.#model.frozen.decoder, { slots: 1, capacity });
    return Math.max(1, Math.min(mostSlots, Math.floor(process.availableMemory() / 2 / each)));
  }

  #tooLong(tokens: number): { readonly ok: false; readonly failure: Failure } {
    const reason = `${tokens} tokens, more than the ${this.contextLength} of the context`;
    return { ok: false, failure: { kind: 'too-long', reason } };
  }

  #count(promptTokens: number, answerTokens: number): void {
    this.#usage.requests++;
    this.#usage.promptTokens += promptTokens;
    this.#usage.answerTokens += answerTokens;
  }
}

type Scores = readonly ScoredContinuation[];

/** What has to be asked for a request, and what the answers amount to. */
interface ScoringPlan<T> {
  readonly questions: readonly ScorableQuestion[];
  readonly result: (scores: readonly Scores[]) => T;
}

/** Usually one question. Where a token crosses the border, each continuation may have a prompt of its own. */
function planContinuations(split: readonly SplitText[]): ScoringPlan<readonly ContinuationScore[]> {
  const questions: { prompt: readonly number[]; continuations: (readonly number[])[] }[] = [];
  const byPrompt = new Map<string, number>();
  const at = split.map(({ prompt, continuation }) => {
    const key = prompt.join();
    const question = byPrompt.get(key) ?? questions.push({ prompt, continuations: [] }) - 1;
    byPrompt.set(key, question);
    return { question, place: questions[question].continuations.push(continuation) - 1 };
  });
  const result = (scores: readonly Scores[]) =>
    split.map(({ continuation, cleanBorder }, i): ContinuationScore => {
      const { logProbability, greedy } = scores[at[i].question][at[i].place];
      return { logProbability, greedy, tokens: continuation.length, cleanBorder };
    });
  return { questions, result };
}

/**
 * Every token is predicted once, in windows of the model's context: the first token of all from the one that begins
 * texts, the first of a later window from the one before it. The last window reaches back as far as it can.
 */
function planText(tokenizer: Tokenizer, text: string, contextLength: number): ScoringPlan<TextScore> {
  const ids = [...beginning(tokenizer), ...tokenizer.encode(text, { addSpecialTokens: false })];
  const questions: ScorableQuestion[] = [];
  for (let start = 1; start < ids.length; start += contextLength) {
    const end = Math.min(start + contextLength, ids.length);
    // What is read ends before the last token, which is predicted only.
    const first = Math.max(0, end - 1 - contextLength);
    questions.push({ prompt: ids.slice(first, start), continuations: [ids.slice(start, end)] });
  }
  let bytes = 0;
  for (let i = 1; i < ids.length; i++) bytes += tokenizer.tokenBytes(ids[i]).length;
  const tokens = Math.max(0, ids.length - 1);
  const result = (scores: readonly Scores[]) => {
    const nats = scores.reduce((sum, [{ logProbability }]) => sum - logProbability, 0);
    return { nats, tokens, bytes };
  };
  return { questions, result };
}

/** What is wrong with the request is its outcome; what is wrong with us is thrown. */
async function outcomeOf<T>(make: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await make() };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { ok: false, failure: { kind: 'failed', reason: error.message } };
  }
}

/** Reads what the first and the last of the sorted prompts, and so all between them, have in common. */
async function warmUp(generator: Generator, first: readonly number[], last: readonly number[]): Promise<void> {
  const shared = sharedBeginning(first, last);
  if (first === last || shared < worthSharing) return;
  await generator.generate({ prompt: first.slice(0, shared), maxTokens: 1 }).result;
}
