import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sameBits } from '../../test/support/tiny-model.ts';
import { trainingSettings } from '../../test/support/training-settings.ts';
import { attachEncoderDecoderAdapter } from '../adapters/attach-encoder-decoder.ts';
import { encodePair, sidesOf } from '../data/conversations/encode-pair.ts';
import { Seq2SeqStream } from '../data/seq2seq-stream.ts';
import { memoryStore } from '../data/token-store.ts';
import { InputError, InterruptedError } from '../errors.ts';
import { type EncoderDecoderModel, initEncoderDecoder } from '../models/encoder-decoder-model.ts';
import { layOutPairs } from '../objectives/seq2seq/batch.ts';
import { Seq2SeqProgram } from '../objectives/seq2seq/program.ts';
import { stream } from '../random/stream.ts';
import { Engine } from '../runtime/engine.ts';
import { newByt5Tokenizer } from '../tokenizer/byt5-tokenizer.ts';
import type { TrainedEncoderDecoder } from '../train/trained-model.ts';
import { measureSets } from './measure-sets.ts';
import type { HeldOutAnswers } from './score-answers.ts';
import { type Seq2SeqSftSettings, seq2seqSft } from './seq2seq-sft.ts';
import type { StageContext } from './train-stage.ts';

const engine = new Engine({ threads: 1 });
const tokenizer = newByt5Tokenizer();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'finery-seq2seq-sft-'));
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const newModel = () =>
  initEncoderDecoder(
    {
      model_type: 't5',
      vocab_size: 384,
      d_model: 32,
      d_kv: 8,
      d_ff: 48,
      num_heads: 4,
      num_layers: 1,
      num_decoder_layers: 2,
      feed_forward_proj: 'gated-gelu',
      tie_word_embeddings: false,
      eos_token_id: 1,
      pad_token_id: 0,
    },
    { seed: 3, tokenizer },
  );

/** A few letters, answered by the last of them, twice. */
function documents(count: number, seed = 7) {
  const random = stream(seed, 'pairs');
  return Array.from({ length: count }, (_, i) => {
    const letters = Array.from({ length: 2 + (i % 11) }, () => 'abcdef'[random.below(6)]).join('');
    const completion = letters.at(-1)!.repeat(2);
    return { id: `${i}`, source: 'made', ...encodePair({ prompt: letters, completion }, tokenizer) };
  });
}

const setsOf = (count: number) => new Map([['letters', { train: memoryStore(documents(count)) }]]);

const heldOut: HeldOutAnswers = { name: 'letters', answers: true, asPairs: true, documents: documents(20, 8) };

const settings: Seq2SeqSftSettings = {
  ...trainingSettings,
  on: ['letters'],
  num_train_epochs: 2,
  batch: { rows: 4, length: 16, gradient_accumulation_steps: 2 },
  learning_rate: 1e-2,
};

const lora = { method: 'lora', r: 4, alpha: 8, targetModules: 'all-linear' } as const;

const adapted = () => attachEncoderDecoderAdapter(newModel(), lora, { seed: 1 });

async function tune(
  model: TrainedEncoderDecoder,
  changes: Partial<Seq2SeqSftSettings> = {},
  { name = Math.random().toString(36), stopAt, count = 53 }: { name?: string; stopAt?: number; count?: number } = {},
) {
  const told = { losses: [] as number[], warnings: [] as string[] };
  const controller = new AbortController();
  const context: StageContext = {
    engine,
    seed: 4,
    folder: join(folder, name),
    hash: 'the stage',
    signal: controller.signal,
    heldOut: [heldOut],
    onEvent: () => {},
    onStart: () => {},
    onWarning: (message) => told.warnings.push(message),
    onStep({ step, loss }) {
      told.losses.push(loss);
      if (step === stopAt) controller.abort();
    },
  };
  const stage = seq2seqSft(model, setsOf(count), { ...settings, ...changes }, context);
  const result = await stage.catch((error: Error) => error);
  return { model, result, ...told };
}

const weightsOf = (model: TrainedEncoderDecoder) =>
  new Map([...model.parameters].map(([name, { weight }]) => [name, Float32Array.from(weight)]));

async function bitsOf(model: TrainedEncoderDecoder) {
  const scores = await measureSets(engine, model, [heldOut], { rows: 4, length: 16 });
  const list = scores.get('letters')!;
  const sum = (value: (score: (typeof list)[number]) => number) => list.reduce((total, one) => total + value(one), 0);
  return sum(({ nats }) => nats) / Math.LN2 / sum(({ bytes }) => bytes);
}

describe('fine-tuning an encoder-decoder', () => {
  it('learns the answers, every pair once in each pass', async () => {
    const { model, result, losses, warnings } = await tune(newModel(), { num_train_epochs: 16 });
    expect(result).toMatchObject({ steps: 112, skippedSteps: 0, epochs: { letters: 16 } });
    expect(losses.at(-1)!).toBeLessThan(0.2 * losses[0]);
    expect(await bitsOf(model)).toBeLessThan(0.2 * (await bitsOf(newModel())));
    expect(warnings).toEqual([]);
  });

  it('learns an adapter alone', async () => {
    const model = adapted();
    const before = weightsOf(model.base as TrainedEncoderDecoder);
    const { losses } = await tune(model, { num_train_epochs: 8 });
    expect(losses.at(-1)!).toBeLessThan(0.7 * losses[0]);
    expect(sameBits(weightsOf(model.base as TrainedEncoderDecoder), before)).toBe(true);
  });

  it.each([
    ['all parameters', newModel],
    ['an adapter', adapted],
  ] as const)('gives an interrupted run the bits of one that was not: %s', async (what, make) => {
    const samples = { prompts: null, count: 2, every: 0.25, max_tokens: 4 };
    const whole = await tune(make(), { samples }, { name: `whole ${what}` });
    const halves = { name: `halves ${what}` };
    expect((await tune(make(), { samples }, { ...halves, stopAt: 8 })).result).toBeInstanceOf(InterruptedError);
    const second = await tune(make(), { samples }, halves);
    expect(sameBits(weightsOf(second.model), weightsOf(whole.model))).toBe(true);
    expect(second.result).toEqual(whole.result);
    const logs = [whole, second].map((_, i) =>
      readFileSync(join(folder, i === 0 ? `whole ${what}` : halves.name, 'training-samples.jsonl'), 'utf8'),
    );
    expect(logs[0]).toBe(logs[1]);
    expect(JSON.parse(logs[0].split('\n')[0])).toMatchObject({ source: 'letters', precision: 'f32' });
  });

  it('leaves pairs out that do not fit, and refuses rows that none fits', async () => {
    const short = { batch: { rows: 4, length: 8, gradient_accumulation_steps: 1 } };
    const { warnings, result } = await tune(newModel(), short, { count: 22 });
    // Eleven letters to choose the length from, of which those up to seven have room for the end.
    expect(warnings).toEqual([expect.stringMatching(/^letters: 10 of 22 conversations .* longer than batch.length 8/)]);
    expect(result).toMatchObject({ epochs: { letters: expect.any(Number) } });
    const refused = await tune(newModel(), { batch: { rows: 4, length: 2, gradient_accumulation_steps: 1 } });
    expect(String(refused.result)).toMatch(/batch.length: found 2, .* expected at least 3/);
  });
});

it('held-out answers have the loss of their tokens, whichever rows they are in', async () => {
  const model: EncoderDecoderModel = newModel();
  const scores = (await measureSets(engine, model, [heldOut], { rows: 4, length: 16 })).get('letters')!;
  for (const [i, { ids, trained }] of heldOut.documents.slice(0, 5).entries()) {
    const { input } = sidesOf(trained);
    const pair = { input: ids.subarray(0, input), target: ids.subarray(input) };
    const shape = { rows: 1, inputLength: input, targetLength: pair.target.length };
    const program = new Seq2SeqProgram(engine, model.architecture, model.parameters, shape);
    const losses = await program.score(layOutPairs([pair], { ...shape, startId: 0 }));
    program.release();
    expect(scores[i].nats).toBeCloseTo(
      losses.reduce((sum, loss) => sum + loss, 0),
      4,
    );
    // Two letters and the end, as it is written.
    expect(scores[i].bytes).toBe(2 + '</s>'.length);
  }
});

describe('batches of pairs', () => {
  const open = (changes: object = {}) =>
    new Seq2SeqStream([{ name: 'letters', store: memoryStore(documents(53)) }], {
      ...{ rows: 4, length: 16, seed: 5, startId: 0, epochs: 2 },
      ...changes,
    });
  const drain = (batches: Seq2SeqStream) => {
    const all = [];
    for (let batch = batches.next(); batch; batch = batches.next()) all.push(batch);
    return all;
  };

  it('hold every pair once in each pass, in rows that are little longer than they', () => {
    const all = drain(open());
    expect(all).toHaveLength(28);
    const rowsOf = (batch: (typeof all)[number]) =>
      Array.from({ length: batch.examples }, (_, row) =>
        batch.inputIds
          .slice(row * batch.inputLength, (row + 1) * batch.inputLength)
          .filter((id) => id > 1)
          .join(),
      );
    const passes = [all.slice(0, 14), all.slice(14)].map((pass) => pass.flatMap(rowsOf));
    const expected = documents(53).map(({ ids, trained }) => ids.slice(0, sidesOf(trained).input - 1).join());
    for (const pass of passes) expect(pass.toSorted()).toEqual(expected.toSorted());
    expect(passes[0]).not.toEqual(passes[1]);
    const filled = all.reduce((sum, { tokens }) => sum + tokens, 0);
    expect(filled / all.reduce((sum, { rows, length }) => sum + rows * length, 0)).toBeGreaterThan(0.6);
  });

  it('go on where a state says, and with no other pairs or settings', () => {
    const first = open();
    for (let i = 0; i < 17; i++) first.next();
    const state = JSON.parse(JSON.stringify(first.state()));
    const second = open();
    second.restore(state);
    expect(second.progress()).toEqual(first.progress());
    expect(drain(second)).toEqual(drain(first));
    expect(() => open({ rows: 8 }).restore(state)).toThrow(InputError);
    expect(() => open().restore({ batches: -1 })).toThrow(InputError);
  });
});

describe('an example as a pair', () => {
  const said = (example: Parameters<typeof encodePair>[0]) => {
    const { ids, trained } = encodePair(example, tokenizer);
    const { input } = sidesOf(trained);
    return [ids.subarray(0, input), ids.subarray(input)].map((side) => tokenizer.decode(side));
  };
  const conversation = (...texts: readonly string[]) => {
    const messages = texts.map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }));
    return { messages, untrained: new Set<number>() };
  };

  it('has a text and its answer, each with its end', () => {
    expect(said({ prompt: 'Net income?', completion: ' 4.2</s>' })).toEqual(['Net income?</s>', '4.2</s>']);
    expect(said(conversation('Did it rise?', 'Yes.'))).toEqual(['Did it rise?</s>', 'Yes.</s>']);
    const { messages } = conversation('Q1', 'A1', 'Q2', 'A2');
    const system = [{ role: 'system', content: 'Be brief.' }, ...messages];
    expect(said({ messages: system, untrained: new Set([2]) })).toEqual(['Be brief.\n\nQ1\n\nA1\n\nQ2</s>', 'A2</s>']);
  });

  it.each([
    [conversation('Q1', 'A1', 'Q2', 'A2'), '2 answers to learn'],
    [{ ...conversation('Q1', 'A1', 'Q2'), untrained: new Set<number>() }, 'at place 2 of 3'],
    [{ messages: [{ role: 'assistant', content: 'A' }], untrained: new Set<number>() }, 'at place 1 of 1'],
    [{ ...conversation('Q', 'A'), tools: [] }, 'tools'],
    [conversation(' ', 'A'), 'messages.0.content'],
  ])('is refused where there is not one answer to a text: %j', (example, found) => {
    expect(() => encodePair(example, tokenizer)).toThrow(InputError);
    expect(() => encodePair(example, tokenizer)).toThrow(found);
  });
});
