/**
 * What can be said of continuations where a server tells only the likeliest first tokens of its answer.
 *
 * A continuation that is one of them has exactly that log-probability. One that begins with none of them is no likelier
 * than the least likely of them: it gets that value, an upper bound, which leaves the best option the best. If it begins
 * with one of them but is longer, nothing useful is known, and the question fails.
 */
import type { ContinuationRequest, ContinuationScore, Outcome } from '../model/language-model.ts';
import { estimatedTokens } from './answer.ts';
import type { Asker } from './client.ts';
import { failed, succeeded } from './outcome.ts';
import { printable } from './printable.ts';
import { promptFields, type RequestForm } from './prompt-fields.ts';
import type { Completion, TokenCandidate } from './replies.ts';

export async function scoreByFirstToken(
  client: Asker,
  { prompt, continuations }: ContinuationRequest,
  form: RequestForm,
  signal: AbortSignal,
): Promise<Outcome<readonly ContinuationScore[]>> {
  // As in `splitAtBorder`: spaces at the end of a text go to the continuations.
  const bare = typeof prompt === 'string' ? prompt.trimEnd() : prompt;
  const moved = typeof prompt === 'string' ? prompt.slice(bare.length) : '';
  const fields = promptFields(bare, form);
  if (!fields.ok) return fields;
  const { route, candidates, maxTokensField, read } = fields.value;
  if (candidates === 0) return failed('failed', 'the server tells no log-probabilities here');
  const logprobs = typeof prompt === 'string' ? { logprobs: candidates } : { logprobs: true, top_logprobs: candidates };
  // As the model predicts it: some servers tell probabilities after the sampling settings.
  const sampling = Object.fromEntries(
    Object.entries({ temperature: 1, top_p: 1 }).filter(([name]) => !form.omit.has(name as 'temperature' | 'top_p')),
  );
  const body = { ...fields.value.fields, [maxTokensField]: 1, ...logprobs, ...sampling };
  const expectedTokens = estimatedTokens(JSON.stringify(fields.value.fields)) + 1;
  const texts = continuations.map((continuation) => moved + continuation);
  const completion = await client.ask({ route, body, expectedTokens, read }, signal);
  return completion.ok ? scoresOf(completion.value, texts, candidates) : completion;
}

function scoresOf(
  { tokens }: Completion,
  continuations: readonly string[],
  candidates: number,
): Outcome<readonly ContinuationScore[]> {
  // Servers add the drawn token to the likeliest ones: what is listed beyond those bounds nothing.
  const top = (tokens?.[0]?.top ?? []).slice(0, candidates);
  if (top.length === 0) return failed('failed', 'no log-probabilities came with the answer');
  const unclear = continuations.find(
    (text) => !isListed(text, top) && top.some(({ token }) => startsWith(text, token)),
  );
  if (unclear !== undefined) {
    return failed('failed', `the option ${printable(JSON.stringify(unclear))} is more than one token`);
  }
  if (!continuations.some((text) => isListed(text, top))) {
    return failed('failed', `no option is among the ${top.length} likeliest first tokens`);
  }
  return succeeded(
    continuations.map((text) => {
      if (text === '') return nothing;
      const listed = top.find(({ token }) => token === text);
      const { logProbability } = listed ?? top[top.length - 1];
      const score = { logProbability, tokens: 1, greedy: top[0].token === text, cleanBorder: true };
      return listed === undefined ? { ...score, isBound: true } : score;
    }),
  );
}

/** Nothing follows for certain. */
const nothing: ContinuationScore = { logProbability: 0, tokens: 0, greedy: true, cleanBorder: true };

const isListed = (text: string, top: readonly TokenCandidate[]): boolean => top.some(({ token }) => token === text);
const startsWith = (text: string, token: string): boolean => token !== '' && text.startsWith(token);
