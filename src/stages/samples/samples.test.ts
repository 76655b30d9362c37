import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sameBits, weightsOf } from '../../../test/support/tiny-model.ts';
import { trainingSettings } from '../../../test/support/training-settings.ts';
import { BatchStream } from '../../data/stream.ts';
import { memoryStore } from '../../data/token-store.ts';
import { InterruptedError, UsageError } from '../../errors.ts';
import { Scorer } from '../../eval/score.ts';
import { frozenBytes } from '../../generate/frozen/frozen-bytes.ts';
import { initModel } from '../../models/model.ts';
import { Engine } from '../../runtime/engine.ts';
import { loadTokenizer } from '../../tokenizer/load.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { MeasuredPart } from '../measure-sets.ts';
import { type StageContext, scheduleOver, type TrainingSettings, trainStage } from '../train-stage.ts';
import { generateSamples } from './generate-samples.ts';
import { type LoggedSample, logSamples } from './sample-log.ts';
import { type SampleSettings, samplePrompts } from './sample-prompts.ts';

const engine = new Engine({ threads: 1 });
let folder: string;
let tokenizer: Tokenizer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'finery-samples-'));
  tokenizer = await loadTokenizer(fileURLToPath(new URL('../../../assets/nano', import.meta.url)));
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

function smallModel(headSize = 16, tied = true) {
  const config = {
    model_type: 'llama',
    vocab_size: 4096,
    hidden_size: 2 * headSize,
    intermediate_size: 48,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    max_position_embeddings: 64,
    initializer_range: 0.3,
    tie_word_embeddings: tied,
  };
  return { ...initModel(config, { seed: 3, tokenizer }), tokenizer };
}

/** Knows one sentence by heart: behind each of its tokens the next, and the end behind its last and behind `word`. */
function parrot(sentence: readonly number[], word: number) {
  const ids = [...sentence, tokenizer.eosId!];
  expect(new Set([...ids, word]).size).toBe(ids.length + 1);
  const model = smallModel(32, false);
  const weight = (name: string) => model.parameters.get(name)!.weight;
  for (const layer of ['self_attn.o_proj', 'mlp.down_proj']) weight(`model.layers.0.${layer}.weight`).fill(0);
  const [embedding, head] = [weight('model.embed_tokens.weight'), weight('lm_head.weight').fill(0)];
  const hidden = embedding.length / 4096;
  const learn = (id: number, next: number) => {
    for (let k = 0; k < hidden; k++) head[next * hidden + k] += embedding[id * hidden + k];
  };
  for (const [i, id] of sentence.entries()) learn(id, ids[i + 1]);
  learn(word, tokenizer.eosId!);
  return model;
}

const settings: SampleSettings = { prompts: null, count: 3, every: null, max_tokens: 12 };
const text = (words: string) => tokenizer.encode(words, { addSpecialTokens: false });

function documents(): MeasuredPart {
  const named = ['The first firm sells ships.', 'The second one.', 'A third makes paper and ink for banks.', 'Tea.'];
  return { name: 'filings', documents: named.map((words, i) => ({ id: `${i}`, source: 'a', ids: text(words) })) };
}

function conversation(question: string, answer: string) {
  const [asked, said] = [text(question), text(answer)];
  const ids = Int32Array.of(...asked, ...said, 0);
  return { id: question, source: 'b', ids, trained: new Uint8Array(ids.length).fill(1, asked.length, -1) };
}

const chats = (): MeasuredPart => {
  return { name: 'chats', answers: true, documents: [conversation('Is tea dear?', ' No, it is cheap.')] };
};

describe('prompts', () => {
  it('are beginnings of held-out documents, evenly spaced, with what follows them', async () => {
    const prompts = await samplePrompts(smallModel(), [documents()], { ...settings, count: 2 });
    expect(prompts.map(({ text, expected }) => text + expected)).toEqual([
      'The first firm sells ships.',
      'A third makes paper and ink for banks.',
    ]);
    expect(prompts.every(({ ids, text: said }) => tokenizer.decode(ids) === said && said.length > 4)).toBe(true);
    expect(prompts.map(({ endIds }) => endIds)).toEqual([[tokenizer.eosId], [tokenizer.eosId]]);
  });

  it('are questions of held-out conversations, whose answers end with the turn', async () => {
    const prompts = await samplePrompts(smallModel(), [chats(), documents()], settings);
    expect(prompts.map(({ source }) => source)).toEqual(['chats', 'filings']);
    expect(prompts[0]).toMatchObject({ text: 'Is tea dear?', expected: ' No, it is cheap.' });
    expect(prompts[0].endIds).toEqual([tokenizer.eosId, tokenizer.idOf('<|im_end|>')]);
  });

  it('expect what the assistant says up to the end of its turn, with what a tool wrote', async () => {
    const chat = conversation('How much?', ' [Calculator(6*7)->42] It is 42.');
    const [asked, called, written] = ['How much?', ' [Calculator(6*7)->', '42] It is 42.'].map((part) => text(part));
    const ids = Int32Array.of(...asked, ...called, ...written, tokenizer.idOf('<|im_end|>')!, ...text('user'));
    const trained = new Uint8Array(ids.length).fill(1, asked.length, ids.length - 1);
    trained.fill(0, asked.length + called.length, asked.length + called.length + 2);
    const part: MeasuredPart = { name: 'chats', answers: true, documents: [{ ...chat, ids, trained }] };
    const [prompt] = await samplePrompts(smallModel(), [part], { ...settings, max_tokens: 60 });
    expect(prompt).toMatchObject({ text: 'How much?', expected: ' [Calculator(6*7)->42] It is 42.' });
  });

  it('are put as a user where the stage learns to answer, and as they are where it does not', async () => {
    const asked = { ...settings, prompts: ['Is tea dear?'] };
    const plain = await samplePrompts(smallModel(), [documents()], asked);
    expect(tokenizer.decode(plain[0].ids)).toBe('Is tea dear?');
    const chat = await samplePrompts(smallModel(), [chats()], asked);
    expect(tokenizer.decode(chat[0].ids)).toMatch(/user\nIs tea dear\?.*assistant\n$/s);
  });
});

describe('samples', () => {
  it('are the greedy answers, as likely as the training graphs say', async () => {
    const model = smallModel();
    const prompts = await samplePrompts(model, [chats(), documents()], { ...settings, max_tokens: 6 });
    const samples = await generateSamples(engine, model, prompts);
    expect(samples.map(({ prompt }) => prompt)).toEqual(prompts.map(({ text }) => text));
    const scorer = new Scorer(engine, model);
    for (const [i, { ids, tokens, logprobs, text, precision }] of samples.entries()) {
      expect(precision).toBe('f32');
      expect(tokens).toEqual(ids.map((id) => tokenizer.decode([id])));
      expect(text.length).toBeGreaterThan(0);
      const asked = [...Array.from(prompts[i].ids), ...ids];
      const { logProbabilities } = await scorer.score(asked);
      logProbabilities.slice(-ids.length).forEach((expected, k) => {
        expect(logprobs[k]).toBeCloseTo(expected!, 4);
      });
    }
    scorer.release();
  });

  it('are asked for by the dozen with one signal, and nobody is warned of a leak', async () => {
    const [prompt] = await samplePrompts(smallModel(), [documents()], { ...settings, count: 1 });
    const warnings: Error[] = [];
    const listen = (warning: Error) => void warnings.push(warning);
    process.on('warning', listen);
    const samples = await generateSamples(engine, smallModel(), new Array(12).fill(prompt), {
      signal: new AbortController().signal,
    });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    expect(samples).toHaveLength(12);
    expect(warnings).toEqual([]);
  });

  it('run the calculator where the conversations call it, and go on behind its result', async () => {
    const parts = [{ ...chats(), tools: ['calculator' as const] }];
    const asked = { ...settings, prompts: ['How much?'], max_tokens: 32 };
    const [prompt] = await samplePrompts(smallModel(), parts, asked);
    expect(prompt.tools).toEqual(['calculator']);
    const model = parrot([Array.from(prompt.ids).at(-1)!, ...text('[Calculator(6*7)->')], text('42]').at(-1)!);
    const [sample] = await generateSamples(engine, model, [prompt]);
    expect(sample.text).toBe('[Calculator(6*7)->42]');
    expect(sample.tokens.filter((_, k) => sample.logprobs[k] === null).join('')).toBe('42]');
    const [alone] = await generateSamples(engine, model, [{ ...prompt, tools: [] }]);
    expect(alone.text).toBe('[Calculator(6*7)->');
  });

  it('are made of as many bits as fit into memory, or not at all', async () => {
    const model = smallModel();
    const prompts = await samplePrompts(model, [documents()], { ...settings, max_tokens: 4 });
    const precisions: string[] = [];
    const cache = 10_000;
    for (const precision of ['f32', 'int8', 'int4'] as const) {
      const available = frozenBytes(model.decoder, precision) + cache;
      const [sample] = await generateSamples(engine, model, prompts, { available });
      precisions.push(sample.precision);
    }
    expect(precisions).toEqual(['f32', 'int8', 'int4']);
    await expect(generateSamples(engine, model, prompts, { available: 1000 })).rejects.toThrow(UsageError);
    await expect(generateSamples(engine, smallModel(12), prompts)).rejects.toThrow(/head size/);
  });
});

describe('the log of samples', () => {
  it('replaces what a run that goes on had left behind, torn lines included', async () => {
    const path = join(folder, 'log.jsonl');
    const sample = { source: '', prompt: '', expected: null, text: '', ids: [], tokens: [], logprobs: [] };
    const said = { ...sample, finish_reason: 'stop', precision: 'f32' } as const;
    for (const step of [5, 10, 20]) await logSamples(path, [said, said], step);
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"step": 2`);
    await logSamples(path, [said], 10);
    expect(read(path).map(({ step }) => step)).toEqual([5, 5, 10]);
  });
});

const read = (path: string): LoggedSample[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('a stage with samples', () => {
  const training: TrainingSettings = {
    ...trainingSettings,
    learning_rate: 1e-2,
    lr_scheduler_type: 'constant',
    warmup_ratio: 0,
    logging_steps: 100,
  };

  async function train(name: string, samples: SampleSettings | null, stopAt?: number) {
    const model = smallModel();
    const controller = new AbortController();
    const events: [number, unknown][] = [];
    const notes: string[] = [];
    const context: StageContext = {
      engine,
      seed: 4,
      folder: join(folder, name),
      hash: 'the stage',
      signal: controller.signal,
      heldOut: [documents(), chats()],
      onEvent: (step, { samples }) => samples !== undefined && events.push([step, samples]),
      onStart: () => {},
      onWarning: () => {},
      onNote: (note) => notes.push(note),
      onStep: ({ step }) => step === stopAt && controller.abort(),
    };
    const store = memoryStore(Array.from({ length: 20 }, (_, i) => ({ ids: text(`It was firm number ${i}.`) })));
    const batches = new BatchStream([{ name: 'filings', store }], { rows: 2, length: 16, seed: 4 });
    const all = { ...training, samples };
    const sets = new Map([['filings', { train: store }]]);
    const stage = trainStage(model, { sets, batches, schedule: scheduleOver(6, all) }, all, context);
    return { result: await stage.catch((error: Error) => error), weights: weightsOf(model), events, notes };
  }

  it('has the bits of one without, and what the model said on the way', async () => {
    const sampled = await train('sampled', { ...settings, every: 1 / 3 });
    const silent = await train('silent', null);
    expect(sameBits(sampled.weights, silent.weights)).toBe(true);
    const said = read(join(folder, 'sampled', 'training-samples.jsonl'));
    expect(said.map(({ step }) => step)).toEqual([2, 2, 2, 4, 4, 4]);
    // Only the set that it learns.
    expect(new Set(said.map(({ source }) => source))).toEqual(new Set(['filings']));
    expect(said[0].prompt).toBe(said[3].prompt);
    expect(said[0].text).not.toBe(said[3].text);
    expect(sampled.events).toEqual([
      [2, 3],
      [4, 3],
    ]);

    expect((await train('halves', { ...settings, every: 1 / 3 }, 3)).result).toBeInstanceOf(InterruptedError);
    const second = await train('halves', { ...settings, every: 1 / 3 });
    expect(sameBits(second.weights, silent.weights)).toBe(true);
    expect(read(join(folder, 'halves', 'training-samples.jsonl'))).toEqual(said);
  });
});
