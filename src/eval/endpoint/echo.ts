/**
 * The log-probabilities of a text's own tokens, from a completion with `echo`: the server repeats the text and adds at most
 * one token (servers refuse to add none).
 *
 * Nothing is taken on trust. Servers were seen that ignore `echo` and give the new token's log-probability alone, that
 * cut texts silently, and whose `text_offset` drifts at characters that several tokens share; so the tokens must spell
 * the text, and offsets are not used.
 */
import type { Outcome } from '../model/language-model.ts';
import { readTokenCounts } from './client.ts';
import { failed, succeeded } from './outcome.ts';
import { type ListedToken, readCompletion } from './replies.ts';

/** What to ask for with a text. Sampling is left as the model predicts it: the new token is thrown away. */
export function echoBody(text: string): Readonly<Record<string, unknown>> {
  return { prompt: text, max_tokens: 1, echo: true, logprobs: 1, temperature: 1, top_p: 1 };
}

export interface EchoedToken {
  readonly token: string;
  /** Null for the first one. */
  readonly logProbability: number | null;
  readonly likeliest: boolean;
}

export interface EchoedText {
  /** Of the text, and those that the server puts before it, such as `<s>`. */
  readonly tokens: readonly EchoedToken[];
  /** How many the server puts before it. */
  readonly leading: number;
}

export function readEcho(reply: unknown, text: string): Outcome<EchoedText> {
  const completion = readCompletion(reply);
  if (!completion.ok) return completion;
  const { tokens } = completion.value;
  if (tokens === undefined) return failed('failed', 'no log-probabilities came with the text');
  const span = spanOf(tokens, text, readTokenCounts(reply)?.answerTokens);
  if (span === undefined) return failed('failed', 'the tokens that came back do not spell the text');
  const own = tokens.slice(0, span.end);
  if (own.some(({ logProbability, top }, i) => i > 0 && (logProbability === null || top.length === 0))) {
    return failed('failed', 'log-probabilities are missing inside the text');
  }
  return succeeded({ tokens: own.map(echoed), leading: span.leading });
}

function echoed({ token, logProbability, top: [best] }: ListedToken, i: number): EchoedToken {
  if (i === 0) return { token, logProbability: null, likeliest: false };
  return { token, logProbability, likeliest: logProbability! >= best.logProbability };
}

/** `leading`: where the text's tokens begin; `end`: where they end. */
interface Span {
  readonly leading: number;
  readonly end: number;
}

const maximumLeading = 2;

/** @param added tokens after the text, as the server counts them; some count an end that they do not list */
function spanOf(tokens: readonly ListedToken[], text: string, added: number | undefined): Span | undefined {
  const { length } = tokens;
  const ends = added === 0 ? [length] : [length - 1, length];
  const names = tokens.map(({ token }) => token);
  for (const end of ends) {
    const leading = leadingTokens(names.slice(0, Math.max(0, end)), text);
    if (leading !== undefined) return { leading, end };
  }
  // Tokens of SentencePiece lose their spaces when they are decoded one by one. With spaces ignored a new token that is
  // only a space cannot be told from the text's, so the server's count must say where the text ends.
  if (added === undefined || added > 1) return undefined;
  const end = length - added;
  const leading = leadingTokens(names.slice(0, end).map(withoutSpaces), withoutSpaces(text));
  return leading === undefined ? undefined : { leading, end };
}

function leadingTokens(tokens: readonly string[], text: string): number | undefined {
  for (let leading = 0; leading <= Math.min(maximumLeading, tokens.length); leading++) {
    if (spell(tokens, leading, text)) return leading;
  }
  return undefined;
}

/** U+2581 stands for a space in SentencePiece. */
const withoutSpaces = (text: string): string => text.replace(/[\s\u2581]+/g, '');

/**
 * Whether the tokens from `first` on spell the text. A token that holds part of a character reads as U+FFFD or as
 * `bytes:\x..`; such tokens may stand for up to as many UTF-16 units as they could spell, until a whole one fits again.
 */
function spell(tokens: readonly string[], first: number, text: string): boolean {
  let at = 0;
  let slack = 0;
  for (let i = first; i < tokens.length; i++) {
    const token = tokens[i];
    const partial = unitsOfPartial(token);
    if (partial > 0) {
      slack += partial;
      continue;
    }
    if (token === '') continue;
    const skipped = text.slice(at, at + slack + token.length).indexOf(token);
    if (skipped < 0) return false;
    at += skipped + token.length;
    slack = 0;
  }
  return text.length - at <= slack;
}

/** The most UTF-16 units that a token with part of a character may stand for; 0 for other tokens. */
function unitsOfPartial(token: string): number {
  if (/^bytes:(\\x[0-9a-f]{2})+$/i.test(token)) return (token.length - 'bytes:'.length) / 4;
  return token.includes('\ufffd') ? token.length : 0;
}
