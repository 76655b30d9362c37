/** Exact scores of texts and continuations, from servers that echo a prompt with its log-probabilities. */
import type { ContinuationRequest, ContinuationScore, Outcome, TextScore } from '../model/language-model.ts';
import { estimatedTokens } from './answer.ts';
import type { Asker } from './client.ts';
import { type EchoedText, type EchoedToken, echoBody, readEcho } from './echo.ts';
import { failed, succeeded } from './outcome.ts';

/**
 * Each continuation is read together with the prompt, and the prompt once by itself. Where the prompt ends in tokens is the
 * same convention as for models on this machine: see `splitAtBorder`.
 */
export async function scoreByEcho(
  client: Asker,
  { prompt, continuations }: ContinuationRequest & { readonly prompt: string },
  signal: AbortSignal,
): Promise<Outcome<readonly ContinuationScore[]>> {
  const alone = await askForEcho(client, prompt.trimEnd(), signal);
  if (!alone.ok) return alone;
  const scores = await Promise.all(
    continuations.map(async (continuation) => {
      const whole = await askForEcho(client, prompt + continuation, signal);
      return whole.ok ? scoreAfter(alone.value, whole.value) : whole;
    }),
  );
  const failure = scores.find((score) => !score.ok);
  return failure ?? succeeded(scores.flatMap((score) => (score.ok ? [score.value] : [])));
}

function scoreAfter(prompt: EchoedText, whole: EchoedText): Outcome<ContinuationScore> {
  // Of nothing the server shows not even what it puts before every text.
  const border = prompt.tokens.length === 0 ? whole.leading : prompt.tokens.length;
  const own = whole.tokens.slice(border);
  if (own.some(({ logProbability }) => logProbability === null)) {
    return failed('failed', 'the first token of a text has no log-probability: nothing precedes it');
  }
  return succeeded({
    logProbability: sum(own),
    tokens: own.length,
    greedy: own.every(({ likeliest }) => likeliest),
    cleanBorder: prompt.tokens.every(({ token }, i) => token === whole.tokens[i]?.token),
  });
}

/** A text longer than the context is a failure: where a window could begin is known to the server's tokenizer alone. */
export async function scoreTextByEcho(client: Asker, text: string, signal: AbortSignal): Promise<Outcome<TextScore>> {
  const echoed = await askForEcho(client, text, signal);
  if (!echoed.ok) return echoed;
  const { tokens, leading } = echoed.value;
  // What comes first is either put there by the server, and spells nothing, or is the text's first token.
  const first = tokens[0]?.token ?? '';
  if (leading === 0 && !text.startsWith(first)) {
    return failed('failed', 'how many bytes the first token spells is unknown');
  }
  const predicted = tokens.slice(Math.max(1, leading));
  return succeeded({
    // 0 rather than -0 where nothing is predicted.
    nats: 0 - sum(predicted),
    tokens: predicted.length,
    bytes: Buffer.byteLength(text) - (leading === 0 ? Buffer.byteLength(first) : 0),
  });
}

const sum = (tokens: readonly EchoedToken[]): number =>
  tokens.reduce((total, { logProbability }) => total + logProbability!, 0);

/** Servers refuse an empty text. */
const emptyText: EchoedText = { tokens: [], leading: 0 };

async function askForEcho(client: Asker, text: string, signal: AbortSignal): Promise<Outcome<EchoedText>> {
  if (text === '') return succeeded(emptyText);
  const read = (reply: unknown) => readEcho(reply, text);
  const expectedTokens = estimatedTokens(text) + 1;
  return client.ask({ route: '/completions', body: echoBody(text), expectedTokens, read }, signal);
}
