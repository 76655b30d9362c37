/**
 * What everything that judges a model needs of it. Implemented by the engine on this machine (`local-model.ts`) and by
 * servers that speak the OpenAI protocol (`../endpoint/`); evaluation, reward models and judges see only this.
 *
 * Requests come in lists, so that an implementation can order them as is best for it: by length, by shared beginning,
 * as many at once as a server allows. Answers come in the order of the requests. What goes wrong with one request is an
 * answer too, with its reason; only what makes every further request pointless is thrown.
 */
import type { ToolName } from '../../generate/tools/named-tools.ts';
import type { ChatMessage } from '../../tokenizer/chat/messages.ts';

/**
 * A text to go on with, framed as the model expects at its beginning (such as with `<s>`); or a conversation, written as
 * the model's chat template says, whose last message is gone on with if it is the assistant's, and answered otherwise.
 */
export type Prompt = string | readonly ChatMessage[];

export interface ContinuationRequest {
  readonly prompt: Prompt;
  /** Each is scored by itself, given the prompt. The reading of the prompt is shared. */
  readonly continuations: readonly string[];
}

export interface ContinuationScore {
  /** Sum of the log-probabilities of the continuation's tokens, in nats. */
  readonly logProbability: number;
  readonly tokens: number;
  /** Whether every token was the likeliest one. */
  readonly greedy: boolean;
  /**
   * Whether prompt and continuation, encoded as one text, begin with the tokens of the prompt alone. Where they do not, a
   * token spans the border, and which side it belongs to is a convention: see `splitAtBorder`.
   */
  readonly cleanBorder: boolean;
  /** Whether the log-probability is not known, and this the most that it can be. Default no. */
  readonly isBound?: boolean;
}

export interface TextScore {
  /** Negative log-likelihood of all tokens that have one before them. */
  readonly nats: number;
  readonly tokens: number;
  /** UTF-8 bytes that these tokens spell. */
  readonly bytes: number;
}

export interface AnswerRequest {
  readonly prompt: Prompt;
  readonly maxTokens: number;
  /** Strings that end the answer and are left out of it. */
  readonly stop?: readonly string[];
  /** 0, the default, takes the likeliest token each time. */
  readonly temperature?: number;
  readonly topP?: number;
  /** The same seed gives the same answer, where the model can promise that. Default 0. */
  readonly seed?: number;
  /**
   * Tools that write into the answer when it calls them; they count as its tokens. A server cannot be stopped within an
   * answer: there the model goes on without.
   */
  readonly tools?: readonly ToolName[];
}

export interface Answer {
  readonly text: string;
  /** `length`: the answer was cut off at `maxTokens`; then what is missing may be what matters. */
  readonly finishReason: 'stop' | 'length';
  readonly tokens: number;
}

/** Why a request has no answer: `too-long` for the context, `refused` by a server or its filter, `failed` otherwise. */
export interface Failure {
  readonly kind: 'too-long' | 'refused' | 'timeout' | 'failed';
  readonly reason: string;
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export interface RequestOptions<T> {
  readonly signal?: AbortSignal;
  /** Called as answers come, in any order: what was told is not lost if the rest is interrupted. */
  readonly onOutcome?: (index: number, outcome: Outcome<T>) => void;
}

/** What was sent and received so far. */
export interface Usage {
  readonly requests: number;
  /** Requests that were answered from what is known already. */
  readonly cached: number;
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** In US dollars, where prices were given. */
  readonly cost?: number;
}

export interface LanguageModel {
  /** For people: a folder's or a model's name. */
  readonly name: string;
  /** For machines: equal only if every answer would be. A hash of weights and settings, or endpoint, model and settings. */
  readonly identity: string;
  /** Tokens of prompt and answer together; undefined where a server does not tell. */
  readonly contextLength: number | undefined;
  /** Whether there is a chat template to write conversations with. */
  readonly chat: boolean;
  /** Undefined where `scoreContinuations` and `scoreTexts` are exact; else what is done instead, or that nothing is. */
  readonly scoringLimitation: string | undefined;

  scoreContinuations(
    requests: readonly ContinuationRequest[],
    options?: RequestOptions<readonly ContinuationScore[]>,
  ): Promise<readonly Outcome<readonly ContinuationScore[]>[]>;

  /** Whole texts, long ones in windows that overlap by one token. */
  scoreTexts(texts: readonly string[], options?: RequestOptions<TextScore>): Promise<readonly Outcome<TextScore>[]>;

  answer(requests: readonly AnswerRequest[], options?: RequestOptions<Answer>): Promise<readonly Outcome<Answer>[]>;

  /** One vector for each text; undefined where the model has none to offer. */
  readonly embed?: (
    texts: readonly string[],
    options?: RequestOptions<Float32Array>,
  ) => Promise<readonly Outcome<Float32Array>[]>;

  usage(): Usage;
  close(): Promise<void>;
}
