import { describe, expect, it } from 'vitest';
import { answered, endpointFixture, failureOf } from './testing/endpoint-fixture.ts';
import { sendChat } from './testing/test-server.ts';

const endpoint = endpointFixture();

describe('scores where the server does not repeat texts', () => {
  it.each(['ignored', 'refused'] as const)('say so if echo is %s', async (echo) => {
    const model = await endpoint.openWith({ echo, chat: false });
    expect(model.scoringLimitation).toMatch(/Texts as wholes: not scored.*by the 3 likeliest first tokens/);
    expect(failureOf((await model.scoreTexts(['One two']))[0]).reason).toMatch(/does not repeat a text/);
    const [scores] = await model.scoreContinuations([{ prompt: 'Answer:', continuations: [' A', ' B', ' C'] }]);
    expect(answered(scores).map(({ logProbability, greedy }) => [logProbability, greedy])).toEqual([
      [-1.25, false],
      [-0.5, true],
      // None of the three: at most as likely as the last of them.
      [-2.5, false],
    ]);
    expect(answered(scores).map(({ isBound = false }) => isBound)).toEqual([false, false, true]);
    expect(await model.scoreContinuations([{ prompt: 'Answer: ', continuations: ['A', 'B', 'C'] }])).toEqual([scores]);
    expect(endpoint.server.requests.at(-1)!.body.prompt).toBe('Answer:');
  });

  const prompt = [{ role: 'user', content: 'A or B?' }];

  it('are those of first tokens after conversations', async () => {
    const model = await endpoint.openWith({ completions: false });
    expect(model.scoringLimitation).toMatch(/Continuations of conversations: by the 3 likeliest/);
    const outcomes = await model.scoreContinuations([
      { prompt, continuations: ['A', 'B', ''] },
      { prompt, continuations: ['A', 'Therefore'] },
      { prompt, continuations: ['X', 'Y'] },
    ]);
    expect(answered(outcomes[0])[0]).toEqual({ logProbability: -1.25, tokens: 1, greedy: false, cleanBorder: true });
    expect(answered(outcomes[0])[2]).toMatchObject({ logProbability: 0, tokens: 0 });
    expect(failureOf(outcomes[1]).reason).toMatch(/"Therefore" is more than one token/);
    expect(failureOf(outcomes[2]).reason).toMatch(/no option is among the 3 likeliest/);
  });

  it('do not take the drawn token for one of the likeliest', async () => {
    const model = await endpoint.openWith({ completions: false });
    const top = ['A', 'B', 'C', 'unlikely'].map((token, i) => ({ token, logprob: -1 - 4 * i }));
    const content = [{ token: 'unlikely', logprob: -13, top_logprobs: top }];
    endpoint.server.handle((_, response) => sendChat(response, 'unlikely', { logprobs: { content } }));
    const [scores] = await model.scoreContinuations([{ prompt, continuations: ['A', 'D'] }]);
    expect(answered(scores)[1].logProbability).toBe(-9);
  });

  it('fail where no log-probabilities are told', async () => {
    const model = await endpoint.openWith({ completions: false, logprobs: false });
    expect(model.scoringLimitation).toMatch(/not scored, as the server tells no log-probabilities/);
    const [scores] = await model.scoreContinuations([{ prompt, continuations: ['A'] }]);
    expect(failureOf(scores).reason).toMatch(/tells no log-probabilities/);
  });
});
