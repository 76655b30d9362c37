/** Puts the questions of many items to a model, and gives each item its answers back. */
import type { LanguageModel, Outcome, RequestOptions } from '../model/language-model.ts';
import type { ItemRequests, ItemResponses } from '../tasks/task.ts';

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** Called once for each item, as soon as its last answer is there. */
  readonly onAnswered: (item: number, responses: ItemResponses) => void;
}

/**
 * Requests of one kind go to the model together, so that it can order and batch them; kinds follow each other.
 */
export async function askAll(
  model: LanguageModel,
  items: readonly ItemRequests[],
  { signal, onAnswered }: AskOptions,
): Promise<void> {
  const waiting = items.map(
    ({ continuations, texts, answers }) => continuations.length + texts.length + answers.length,
  );
  const responses = items.map(() => ({ continuations: [], texts: [], answers: [] }));
  const isAnswered = (item: number) => {
    if (waiting[item] === 0) onAnswered(item, responses[item]);
  };
  for (const item of items.keys()) isAnswered(item);

  async function ask<R, T>(
    requestsOf: (item: ItemRequests) => readonly R[],
    outcomesOf: (responses: ItemResponses) => readonly Outcome<T>[],
    put: (requests: readonly R[], options: RequestOptions<T>) => Promise<unknown>,
  ): Promise<void> {
    const places = items.flatMap((requests, item) =>
      requestsOf(requests).map((request, place) => ({ request, item, place })),
    );
    if (places.length === 0) return;
    await put(
      places.map(({ request }) => request),
      {
        signal,
        onOutcome: (index, outcome) => {
          const { item, place } = places[index];
          (outcomesOf(responses[item]) as Outcome<T>[])[place] = outcome;
          waiting[item]--;
          isAnswered(item);
        },
      },
    );
  }

  await ask(
    ({ continuations }) => continuations,
    ({ continuations }) => continuations,
    (requests, options) => model.scoreContinuations(requests, options),
  );
  await ask(
    ({ texts }) => texts,
    ({ texts }) => texts,
    (requests, options) => model.scoreTexts(requests, options),
  );
  await ask(
    ({ answers }) => answers,
    ({ answers }) => answers,
    (requests, options) => model.answer(requests, options),
  );
}
