/** An answer out of a completion of either route. */
import type { Answer, AnswerRequest, Outcome } from '../model/language-model.ts';
import { type Asker, readTokenCounts } from './client.ts';
import { failed, succeeded } from './outcome.ts';
import { printable } from './printable.ts';
import { promptFields, type RequestForm, samplingFields } from './prompt-fields.ts';
import type { Completion } from './replies.ts';

export async function askForAnswer(
  client: Asker,
  request: AnswerRequest,
  form: RequestForm,
  signal: AbortSignal,
): Promise<Outcome<Answer>> {
  const prompt = promptFields(request.prompt, form);
  if (!prompt.ok) return prompt;
  const { route, fields, maxTokensField, read } = prompt.value;
  const body = { ...fields, [maxTokensField]: request.maxTokens, ...samplingFields(request, form) };
  const { temperature = 0, seed = 0 } = request;
  return client.ask(
    {
      route,
      body,
      // Also where the server takes no seed: each seed is then another draw, remembered by itself.
      ...(temperature > 0 && { seed }),
      expectedTokens: estimatedTokens(JSON.stringify(fields)) + request.maxTokens,
      read: (reply) => {
        const completion = read(reply);
        return completion.ok ? answerOf(completion.value, reply, request) : completion;
      },
    },
    signal,
  );
}

function answerOf(completion: Completion, reply: unknown, { stop = [] }: AnswerRequest): Outcome<Answer> {
  const { finishReason, refusal } = completion;
  if (refusal !== undefined) return failed('refused', `the model declined (${printable(refusal)})`);
  if (finishReason === 'content_filter') return failed('refused', "the server's filter held the answer back");
  const text = cutAtStop(completion.text, stop);
  const end = text.length < completion.text.length ? 'stop' : finishReason;
  if (end !== 'stop' && end !== 'length') {
    return failed('failed', `an answer that ended with ${printable(JSON.stringify(end ?? 'no reason given'))}`);
  }
  const tokens = readTokenCounts(reply)?.answerTokens ?? estimatedTokens(completion.text);
  return succeeded({ text, finishReason: end, tokens });
}

/** Servers take few stops, or none, and some leave the stop in the text. */
function cutAtStop(text: string, stop: readonly string[]): string {
  const places = stop.filter((sequence) => sequence !== '').map((sequence) => text.indexOf(sequence));
  return text.slice(0, Math.min(text.length, ...places.filter((place) => place >= 0)));
}

/** Where the server does not count: four bytes to a token is near for English and BPE. */
export const estimatedTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4);
