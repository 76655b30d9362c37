import { describe, expect, it } from 'vitest';
import { answered, endpointFixture, failureOf } from './testing/endpoint-fixture.ts';
import { sendJson, wellBehaved } from './testing/test-server.ts';
import { toyScores } from './testing/toy-language.ts';

const endpoint = endpointFixture();

describe('exact scores', () => {
  /** Recomputed without the server: the tokens after as many as the prompt has alone. */
  function reference(prompt: string, continuation: string, before: readonly string[]) {
    const alone = toyScores(prompt.trimEnd(), before);
    const whole = toyScores(prompt + continuation, before);
    const own = whole.slice(alone.length);
    return {
      logProbability: own.reduce((sum, { logProbability }) => sum + logProbability!, 0),
      tokens: own.length,
      greedy: own.every(({ likeliest }) => likeliest),
      cleanBorder: alone.every(({ token }, i) => token === whole[i]?.token),
    };
  }

  it.each([[[]], [['<s>']]])('of continuations, with %j before every text', async (before) => {
    const model = await endpoint.openWith({ before, chat: false });
    expect(model.scoringLimitation).toBeUndefined();
    const prompt = 'The share of Zürich rose 3 \u{1f4b6} and';
    const cases: [string, readonly string[]][] = [
      [prompt, [' fell', ' rose again', ', 5 \u{1f4b6}']],
      [`${prompt} `, ['fell', 'rose again']],
      ['walk', ['ing', ' on', 'ing on']],
      ['One', [' two three four five', '']],
    ];
    const outcomes = await model.scoreContinuations(
      cases.map(([text, continuations]) => ({ prompt: text, continuations })),
    );
    for (const [i, [text, continuations]] of cases.entries()) {
      const scores = answered(outcomes[i]);
      for (const [j, continuation] of continuations.entries()) {
        const { logProbability, ...rest } = reference(text, continuation, before);
        expect(scores[j], `${text}|${continuation}`).toMatchObject(rest);
        expect(scores[j].logProbability).toBeCloseTo(logProbability, 10);
      }
    }
    expect(answered(outcomes[1]).map(({ cleanBorder }) => cleanBorder)).toEqual([true, true]);
    expect(answered(outcomes[2]).map(({ cleanBorder }) => cleanBorder)).toEqual([false, true, false]);
    expect(new Set(outcomes.flatMap((outcome) => answered(outcome).map(({ greedy }) => greedy))).size).toBe(2);
  });

  it('of continuations of nothing, only where something stands before every text', async () => {
    const request = { prompt: '', continuations: [' fell on'] };
    const bare = await endpoint.openWith({ chat: false });
    expect(failureOf((await bare.scoreContinuations([request]))[0]).reason).toMatch(/nothing precedes it/);
    const framed = await endpoint.openWith({ chat: false, before: ['<s>'] });
    const [score] = answered((await framed.scoreContinuations([request]))[0]);
    expect(score).toMatchObject({ tokens: 2, cleanBorder: true });
  });

  it.each([[[]], [['<s>']]])('of texts, with %j before every text', async (before) => {
    const model = await endpoint.openWith({ before, chat: false });
    const texts = ['Zürich rose 3 \u{1f4b6} today', 'One', ''];
    const outcomes = (await model.scoreTexts(texts)).map(answered);
    for (const [i, text] of texts.entries()) {
      const scored = toyScores(text, before).slice(1);
      const first = before.length > 0 ? 0 : Buffer.byteLength(toyScores(text)[0]?.token ?? '');
      expect(outcomes[i].nats).toBeCloseTo(
        0 - scored.reduce((sum, { logProbability }) => sum + logProbability!, 0),
        10,
      );
      expect(outcomes[i]).toMatchObject({
        tokens: text === '' ? 0 : scored.length,
        bytes: Buffer.byteLength(text) - first,
      });
    }
  });

  it('asks for the prompt once, and nothing twice', async () => {
    const model = await endpoint.openWith({ chat: false }, { cache: endpoint.folder });
    endpoint.server.handle(wellBehaved());
    const request = { prompt: 'One two', continuations: [' three', ' four'] };
    const first = await model.scoreContinuations([request]);
    expect(endpoint.server.requests.map(({ body }) => body.prompt).sort()).toEqual([
      'One two',
      'One two four',
      'One two three',
    ]);
    expect(await model.scoreContinuations([request])).toEqual(first);
    expect(endpoint.server.requests).toHaveLength(3);
  });

  it('fail, rather than be wrong, where the server changes its mind', async () => {
    const model = await endpoint.openWith({ chat: false });
    const lists = (text: string) => ({ tokens: [text], token_logprobs: [null], top_logprobs: [null] });
    const reply = (logprobs: object | null, completion_tokens = 0) => ({
      choices: [{ text: 'x', finish_reason: 'length', logprobs }],
      usage: { prompt_tokens: 1, completion_tokens },
    });
    for (const [value, reason] of [
      [reply(null), /no log-probabilities came/],
      [reply({ ...lists('One two'), token_logprobs: [null, -1] }), /different lengths/],
      [reply({ ...lists('One two'), top_logprobs: [] }), /different lengths/],
      [reply(lists('two')), /do not spell the text/],
      [reply({ ...lists('One two'), token_logprobs: [1] }), /unexpected form/],
      [reply({ tokens: ['One', ' two'], token_logprobs: [null, null], top_logprobs: [null, null] }), /missing inside/],
      [reply({ tokens: [], token_logprobs: [], top_logprobs: [] }), /do not spell the text/],
    ] as [object, RegExp][]) {
      endpoint.server.handle((_, response) => sendJson(response, value));
      expect(failureOf((await model.scoreTexts(['One two']))[0]).reason).toMatch(reason);
    }
  });
});
