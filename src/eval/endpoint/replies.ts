/** The replies of an OpenAI-compatible server, as far as they are read. What servers add is ignored. */
import { z } from 'zod';
import type { Outcome } from '../model/language-model.ts';
import { failed, succeeded } from './outcome.ts';
import { printable } from './printable.ts';

/** Rounding may lift the logarithm of a certainty a little above 0. */
const logProbability = z.number().max(1e-3);

const candidate = z.object({ token: z.string(), logprob: logProbability });

/** One entry for each token, the form of chat completions; some servers use it for both routes. */
const tokenList = z.object({
  content: z.array(candidate.extend({ top_logprobs: z.array(candidate).default([]) })),
});

/** Parallel lists, the form of completions. The first token of an echoed prompt has no log-probability. */
const parallelLists = z.object({
  tokens: z.array(z.string()),
  token_logprobs: z.array(logProbability.nullable()),
  top_logprobs: z.array(z.record(z.string(), logProbability).nullable()).nullish(),
});

const finish = { finish_reason: z.string().nullish() };

const completionSchema = z.object({
  choices: z
    .array(z.object({ text: z.string(), logprobs: z.union([parallelLists, tokenList]).nullish(), ...finish }))
    .min(1),
});

const chatSchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        logprobs: z.object({ content: tokenList.shape.content.nullish() }).nullish(),
        ...finish,
      }),
    )
    .min(1),
});

export interface TokenCandidate {
  readonly token: string;
  readonly logProbability: number;
}

export interface ListedToken {
  readonly token: string;
  /** Null for the first token of a text. */
  readonly logProbability: number | null;
  /** The likeliest tokens at this place, likeliest first. */
  readonly top: readonly TokenCandidate[];
}

export interface Completion {
  readonly text: string;
  readonly finishReason: string | undefined;
  /** What the server says instead of an answer. */
  readonly refusal: string | undefined;
  /** Undefined where no log-probabilities came. */
  readonly tokens: readonly ListedToken[] | undefined;
}

/** A reply of `/completions`. */
export function readCompletion(reply: unknown): Outcome<Completion> {
  const parsed = completionSchema.safeParse(reply);
  if (!parsed.success) return failed('failed', unexpected(parsed.error));
  const { text, finish_reason, logprobs } = parsed.data.choices[0];
  const tokens = logprobs ? listed(logprobs) : undefined;
  if (tokens === 'uneven') return failed('failed', 'lists of log-probabilities of different lengths');
  return succeeded({ text, finishReason: finish_reason ?? undefined, refusal: undefined, tokens });
}

/** A reply of `/chat/completions`. */
export function readChatCompletion(reply: unknown): Outcome<Completion> {
  const parsed = chatSchema.safeParse(reply);
  if (!parsed.success) return failed('failed', unexpected(parsed.error));
  const { message, finish_reason, logprobs } = parsed.data.choices[0];
  return succeeded({
    text: message.content ?? '',
    finishReason: finish_reason ?? undefined,
    refusal: message.refusal || undefined,
    tokens: logprobs?.content?.map(fromList),
  });
}

type ParallelLists = z.infer<typeof parallelLists>;
type TokenList = z.infer<typeof tokenList>;

function listed(logprobs: ParallelLists | TokenList): readonly ListedToken[] | 'uneven' {
  if ('content' in logprobs) return logprobs.content.map(fromList);
  const { tokens, token_logprobs, top_logprobs } = logprobs;
  const lengths = [token_logprobs.length, top_logprobs?.length ?? tokens.length];
  if (lengths.some((length) => length !== tokens.length)) return 'uneven';
  return tokens.map((token, i) => {
    const top = Object.entries(top_logprobs?.[i] ?? {}).map(([token, logprob]) => ({ token, logprob }));
    return { token, logProbability: token_logprobs[i], top: ranked(top) };
  });
}

function fromList({ token, logprob, top_logprobs }: TokenList['content'][number]): ListedToken {
  return { token, logProbability: logprob, top: ranked(top_logprobs) };
}

function ranked(candidates: readonly z.infer<typeof candidate>[]): readonly TokenCandidate[] {
  return candidates
    .map(({ token, logprob }) => ({ token, logProbability: logprob }))
    .sort((a, b) => b.logProbability - a.logProbability);
}

function unexpected({ issues: [issue] }: z.ZodError): string {
  const path = issue.path.map(String).join('.');
  return printable(`a reply of an unexpected form: ${path && `${path}: `}${issue.message}`);
}
