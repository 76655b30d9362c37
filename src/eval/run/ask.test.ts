import { describe, expect, it } from 'vitest';
import type { LanguageModel, Outcome, RequestOptions } from '../model/language-model.ts';
import type { ItemRequests, ItemResponses } from '../tasks/task.ts';
import { askAll } from './ask.ts';

/** Answers from the last to the first, with what was asked. */
function echo(): LanguageModel {
  const answerAll =
    <R, T>(answer: (request: R) => T) =>
    async (requests: readonly R[], { onOutcome }: RequestOptions<T> = {}): Promise<Outcome<T>[]> => {
      const outcomes = requests.map((request): Outcome<T> => ({ ok: true, value: answer(request) }));
      for (let i = requests.length - 1; i >= 0; i--) onOutcome?.(i, outcomes[i]);
      return outcomes;
    };
  return {
    scoreContinuations: answerAll(({ continuations }: { continuations: readonly string[] }) =>
      continuations.map((text) => ({ logProbability: -text.length, tokens: 1, greedy: false, cleanBorder: true })),
    ),
    scoreTexts: answerAll((text: string) => ({ nats: text.length, tokens: 1, bytes: 1 })),
    answer: answerAll(({ maxTokens }: { maxTokens: number }) => ({
      text: String(maxTokens),
      finishReason: 'stop' as const,
      tokens: 1,
    })),
  } as unknown as LanguageModel;
}

describe('askAll', () => {
  it('gives each item its own answers, in the order of its requests, when the last has come', async () => {
    const items: ItemRequests[] = [
      { continuations: [{ prompt: 'p', continuations: ['a', 'bb'] }], texts: [], answers: [] },
      { continuations: [], texts: [], answers: [] },
      {
        continuations: [{ prompt: 'q', continuations: ['ccc'] }],
        texts: ['dddd', 'eeeee'],
        answers: [
          { prompt: 'r', maxTokens: 6 },
          { prompt: 's', maxTokens: 7 },
        ],
      },
    ];
    const told: number[] = [];
    const responses: ItemResponses[] = [];
    await askAll(echo(), items, {
      onAnswered: (item, answered) => {
        told.push(item);
        responses[item] = structuredClone(answered);
      },
    });
    expect(told).toEqual([1, 0, 2]);
    const values = <T>(outcomes: readonly Outcome<T>[]) => outcomes.map((outcome) => outcome.ok && outcome.value);
    const scores = (item: number) =>
      values(responses[item].continuations).map((found) => (found || []).map(({ logProbability }) => logProbability));
    expect(scores(0)).toEqual([[-1, -2]]);
    expect(scores(2)).toEqual([[-3]]);
    expect(values(responses[2].texts)).toMatchObject([{ nats: 4 }, { nats: 5 }]);
    expect(values(responses[2].answers)).toMatchObject([{ text: '6' }, { text: '7' }]);
    expect(responses[1]).toEqual({ continuations: [], texts: [], answers: [] });
  });
});
