/**
 * A context that the user sets for a server, kept as that of a model on this machine is. The server's tokenizer is not
 * known: what counts is how many tokens the server says that it read, and where it does not say, one for every four bytes.
 */
import type { Outcome } from '../model/language-model.ts';
import { estimatedTokens } from './answer.ts';
import { type Asker, type Question, readTokenCounts } from './client.ts';
import { failed } from './outcome.ts';

/** Estimates this many times too long need not be sent to be counted. */
const CERTAINLY = 2;

const MAX_TOKENS_FIELDS = ['max_tokens', 'max_completion_tokens'] as const;

/** Asks with room for an answer in the context; what is longer has no answer, and says how long it was. */
export function withinContext(client: Asker, contextLength: number): Asker {
  return {
    async ask<T>(question: Question<T>, signal: AbortSignal): Promise<Outcome<T>> {
      const { body = {} } = question;
      const text = typeof body.prompt === 'string' ? body.prompt : JSON.stringify(body.messages ?? '');
      const estimate = estimatedTokens(text);
      if (estimate > CERTAINLY * contextLength) return tooLong(`about ${estimate} tokens, at four bytes each`);
      let counted: number | undefined;
      const read = (reply: unknown): Outcome<T> => {
        counted = readTokenCounts(reply)?.promptTokens;
        return question.read(reply);
      };
      const outcome = await client.ask({ ...question, body: withRoom(body, contextLength - estimate), read }, signal);
      if (!outcome.ok) return outcome;
      if (counted !== undefined) {
        return counted > contextLength ? tooLong(`${counted} tokens, as the server counts`) : outcome;
      }
      return estimate > contextLength ? tooLong(`about ${estimate} tokens, at four bytes each`) : outcome;
    },
  };

  function tooLong(found: string): Outcome<never> {
    return failed('too-long', `${found}, more than the ${contextLength} of the context`);
  }
}

function withRoom(body: Readonly<Record<string, unknown>>, room: number): Readonly<Record<string, unknown>> {
  const limits = MAX_TOKENS_FIELDS.flatMap((field) => {
    const asked = body[field];
    return typeof asked === 'number' && asked > room ? [[field, Math.max(1, room)] as const] : [];
  });
  return limits.length === 0 ? body : { ...body, ...Object.fromEntries(limits) };
}
