import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Generator } from '../../generate/generator.ts';
import { loadModel, type Model } from '../../models/model.ts';
import { Engine } from '../../runtime/engine.ts';
import { Scorer } from '../score.ts';
import type { LanguageModel, Outcome } from './language-model.ts';
import { openLocalModel } from './local-model.ts';

const nano = fileURLToPath(new URL('../../../assets/nano', import.meta.url));
let local: LanguageModel;
let model: Model;
let scorer: Scorer;
const engine = new Engine({ threads: 2 });

beforeAll(async () => {
  local = await openLocalModel(nano, { threads: 2 });
  model = await loadModel(nano);
  scorer = new Scorer(engine, model);
});
afterAll(async () => {
  await local.close();
  scorer.release();
  await engine.close();
});

function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(outcome.failure.reason);
}

const encode = (text: string) => [...model.tokenizer!.encode(text, { addSpecialTokens: false })];

async function sumAfter(prompt: readonly number[], continuation: readonly number[]): Promise<number> {
  const { logProbabilities } = await scorer.score([...prompt, ...continuation]);
  return logProbabilities.slice(prompt.length).reduce((sum: number, value) => sum + value!, 0);
}

describe('a local model', () => {
  it('scores continuations as training does', async () => {
    const prompt = 'Revenue for the year';
    const continuations = [' rose', ' fell sharply.', ' was', ''];
    const requests = [{ prompt, continuations }];
    const [scores] = (await local.scoreContinuations(requests)).map(unwrap);
    for (const [i, text] of continuations.entries()) {
      const expected = await sumAfter(encode(prompt), encode(text));
      expect(scores[i].logProbability).toBeCloseTo(expected, 3);
      expect(scores[i].tokens).toBe(encode(text).length);
      expect(scores[i].cleanBorder).toBe(true);
    }
  });

  it('lets the tools that a request names write into its answer, and no others', async () => {
    const generate = vi.spyOn(Generator.prototype, 'generate');
    try {
      const prompt = 'Revenue';
      await local.answer([
        { prompt, maxTokens: 1 },
        { prompt, maxTokens: 2, tools: ['calculator'] },
      ]);
      const named = generate.mock.calls.map(([{ maxTokens, tools = [] }]) => [
        maxTokens,
        tools.map(({ name }) => name),
      ]);
      expect(named).toContainEqual([1, []]);
      expect(named).toContainEqual([2, ['calculator']]);
    } finally {
      generate.mockRestore();
    }
  });

  it('moves spaces at the end of a prompt to what follows', async () => {
    const [[moved], [plain]] = (
      await local.scoreContinuations([
        { prompt: 'The town of ', continuations: ['Ashford'] },
        { prompt: 'The town of', continuations: [' Ashford'] },
      ])
    ).map(unwrap);
    expect(moved).toEqual(plain);
  });

  it('tells where a token spans the border, and gives it to the side that upstream does', async () => {
    // One token as a whole, two tokens in its halves.
    const word = ' company';
    expect(encode(word)).toHaveLength(1);
    const [scores] = (await local.scoreContinuations([{ prompt: 'The comp', continuations: ['any', 'lex was'] }])).map(
      unwrap,
    );
    const whole = encode('The company');
    const prompt = encode('The comp');
    expect(prompt.every((id, i) => whole[i] === id)).toBe(false);
    expect(scores[0].cleanBorder).toBe(false);
    expect(scores[0].tokens).toBe(Math.max(0, whole.length - prompt.length));
  });

  it('predicts the first token of a text from the token that ends texts, where no other begins them', async () => {
    const { eosId } = model.tokenizer!;
    const ids = encode('Net income rose.');
    const [text] = (await local.scoreTexts(['Net income rose.'])).map(unwrap);
    expect(text.nats).toBeCloseTo(-(await sumAfter([eosId!], ids)), 3);
    expect(text).toMatchObject({ tokens: ids.length, bytes: 16 });
    const [[empty]] = (await local.scoreContinuations([{ prompt: '', continuations: ['Net income rose.'] }])).map(
      unwrap,
    );
    expect(empty.logProbability).toBeCloseTo(-text.nats, 3);
  });

  it('scores long texts in windows, each token once', async () => {
    const short = await openLocalModel(nano, { threads: 2, context: 20 });
    const text = 'The annual report of the company says that revenue rose by a tenth, and that costs fell. '.repeat(3);
    const ids = encode(text);
    const [score] = (await short.scoreTexts([text])).map(unwrap);
    await short.close();
    const all = [model.tokenizer!.eosId!, ...ids];
    let nats = 0;
    for (let start = 1; start < all.length; start += 20) {
      const end = Math.min(start + 20, all.length);
      const first = Math.max(0, end - 21);
      nats -= await sumAfter(all.slice(first, start), all.slice(start, end));
    }
    expect(score.tokens).toBe(ids.length);
    expect(score.nats).toBeCloseTo(nats, 2);
  });

  it('answers conversations and texts, each as if it were alone', async () => {
    const requests = [
      { prompt: 'The town of', maxTokens: 8 },
      { prompt: [{ role: 'user', content: 'Where is the river?' }], maxTokens: 8 },
      { prompt: 'Revenue', maxTokens: 12, temperature: 1, seed: 5 },
      { prompt: 'The town of', maxTokens: 9, stop: [' '] },
    ];
    const told: number[] = [];
    const together = (await local.answer(requests, { onOutcome: (i) => told.push(i) })).map(unwrap);
    expect(told.toSorted()).toEqual([0, 1, 2, 3]);
    for (const [i, request] of requests.entries()) {
      expect((await local.answer([request])).map(unwrap)).toEqual([together[i]]);
    }
    expect(together[0]).toMatchObject({ finishReason: 'length', tokens: 8 });
    expect(together[3].text).not.toContain(' ');
  });

  it('has an outcome for what does not fit, and goes on with the rest', async () => {
    const long = 'word '.repeat(600);
    const reason = /^\d+ tokens, more than the 512 of the context$/;
    const answers = await local.answer([
      { prompt: long, maxTokens: 1 },
      { prompt: 'The', maxTokens: 2000 },
    ]);
    expect(answers[0]).toEqual({ ok: false, failure: { kind: 'too-long', reason: expect.stringMatching(reason) } });
    expect(unwrap(answers[1]).tokens).toBeLessThanOrEqual(511);
    const scores = await local.scoreContinuations([
      { prompt: long, continuations: ['a'] },
      { prompt: 'The', continuations: [' town'] },
    ]);
    expect(scores.map(({ ok }) => ok)).toEqual([false, true]);
  });

  it('scores continuations of a conversation after the beginning of the answer', async () => {
    const prompt = [{ role: 'user', content: 'Did revenue rise?' }];
    const [scores] = (await local.scoreContinuations([{ prompt, continuations: ['Yes', 'No'] }])).map(unwrap);
    expect(scores.map(({ tokens }) => tokens)).toEqual(['Yes', 'No'].map((text) => encode(text).length));
    const started = [...prompt, { role: 'assistant', content: 'Yes' }];
    const [[next]] = (await local.scoreContinuations([{ prompt: started, continuations: ['.'] }])).map(unwrap);
    expect(next.logProbability).toBeLessThan(0);
  });

  it('says who it is: the same for the same weights and settings only', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'finery-local-'));
    try {
      cpSync(nano, folder, { recursive: true });
      const config = JSON.parse(readFileSync(join(folder, 'tokenizer_config.json'), 'utf8'));
      const copy = await openLocalModel(folder, { threads: 2 });
      const narrow = await openLocalModel(folder, { threads: 2, context: 64 });
      const rough = await openLocalModel(folder, { threads: 2, precision: 'int8' });
      writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ ...config, chat_template: undefined }));
      const bare = await openLocalModel(folder, { threads: 2 });
      expect(copy.identity).toBe(local.identity);
      expect(new Set([copy, narrow, rough, bare].map(({ identity }) => identity)).size).toBe(4);
      expect([copy.chat, bare.chat]).toEqual([true, false]);
      const asked = bare.answer([{ prompt: [{ role: 'user', content: 'Hello' }], maxTokens: 1 }]);
      await expect(asked).rejects.toThrow(/found a model without a chat template/);
      for (const opened of [copy, narrow, rough, bare]) await opened.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const requests = Array.from({ length: 40 }, (_, i) => ({ prompt: `Item ${i}`, maxTokens: 40 }));
    let done = 0;
    const onOutcome = () => {
      done++;
      controller.abort();
    };
    await expect(local.answer(requests, { signal: controller.signal, onOutcome })).rejects.toThrow(/abort/i);
    expect(done).toBeLessThan(requests.length);
  });
});
