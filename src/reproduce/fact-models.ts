/** Small models that learn the facts of a world: made, trained, asked and measured. Checkpoints are kept in the lab. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { manifestFileName } from '../checkpoint/manifest.ts';
import { BatchStream } from '../data/stream.ts';
import { memoryStore, type TokenDocument, type TokenStore } from '../data/token-store.ts';
import { Scorer } from '../eval/score.ts';
import { freeze } from '../generate/frozen/freeze.ts';
import { Generator } from '../generate/generator.ts';
import { initModel, loadModel, type Model, saveModel, type TrainableModel } from '../models/model.ts';
import { CausalLmProgram } from '../objectives/causal-lm/program.ts';
import type { Engine } from '../runtime/engine.ts';
import { tokenizerOf } from '../tokenizer/load.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { trainTokenizer } from '../tokenizer/train/train.ts';
import { createAdamW } from '../train/optimizers/adamw.ts';
import { Trainer } from '../train/trainer.ts';
import type { Question } from './facts.ts';
import type { Lab } from './reproduction.ts';

const batch = { rows: 16, length: 128 };
const vocabulary = 1024;

export async function makeTokenizer(texts: readonly string[]): Promise<Tokenizer> {
  async function* all() {
    yield* texts;
  }
  return tokenizerOf((await trainTokenizer(all(), { vocabSize: vocabulary })).files);
}

/** A Llama of 0.26 million parameters. */
export const newModel = (tokenizer: Tokenizer, seed: number): TrainableModel =>
  initModel(
    {
      model_type: 'llama',
      vocab_size: vocabulary,
      hidden_size: 64,
      intermediate_size: 192,
      num_hidden_layers: 3,
      num_attention_heads: 4,
      num_key_value_heads: 4,
      max_position_embeddings: batch.length,
      tie_word_embeddings: true,
      eos_token_id: tokenizer.eosId,
    },
    { seed, tokenizer },
  );

/** Every token is learnt. */
export const textsOf = (texts: readonly string[], tokenizer: Tokenizer): TokenStore =>
  memoryStore(texts.map((text) => ({ ids: Int32Array.from(tokenizer.encode(text)) })));

/** Answers are learnt, and that they end. */
export const answersOf = (questions: readonly Question[], tokenizer: Tokenizer): TokenStore =>
  memoryStore(
    questions.map((question): TokenDocument => {
      const { ids, asked } = idsOf(question, tokenizer);
      return { ids, trained: Uint8Array.from(ids, (_, i) => (i < asked ? 0 : 1)) };
    }),
  );

function idsOf({ prompt, answer }: Question, tokenizer: Tokenizer) {
  const asked = tokenizer.encode(prompt);
  return { ids: Int32Array.from([...asked, ...tokenizer.encode(answer), tokenizer.eosId!]), asked: asked.length };
}

export interface TrainingOptions {
  /** Positions of all batches. */
  readonly tokens: number;
  readonly learningRate: number;
  /** Of the order of the data; default that of the lab. */
  readonly order?: number;
}

/** Folder of a model that starts from the weights of another and learns; made once. */
export async function trainedModel(
  lab: Lab,
  name: string,
  start: () => Promise<TrainableModel>,
  store: () => TokenStore,
  options: TrainingOptions,
): Promise<string> {
  const folder = join(lab.folder, name);
  if (existsSync(join(folder, manifestFileName))) {
    lab.advance(name, options.tokens);
    return folder;
  }
  const model = await start();
  await train(lab, name, model, store(), options);
  await saveModel(folder, model, { dtype: 'f32', replace: true });
  return folder;
}

export const startFrom =
  (folder: string): (() => Promise<TrainableModel>) =>
  () =>
    loadModel(folder, 'training');

async function train(
  { engine, seed, advance }: Lab,
  name: string,
  model: TrainableModel,
  store: TokenStore,
  { tokens, learningRate, order = seed }: TrainingOptions,
): Promise<void> {
  const perStep = batch.rows * batch.length;
  const steps = Math.ceil(tokens / perStep);
  const isAnswer = store.trained?.(0) !== undefined;
  const program = new CausalLmProgram(engine, model.decoder, model.parameters, batch);
  try {
    const trainer = new Trainer({
      program,
      optimizer: createAdamW(model.parameters.values(), { betas: [0.9, 0.95], weightDecay: 0 }),
      batches: new BatchStream([{ name: 'text', store }], {
        ...batch,
        seed: order,
        // Answers bring their own ends.
        endId: isAnswer ? undefined : model.tokenizer?.eosId,
        padId: model.tokenizer?.padId,
        long: isAnswer ? 'skip' : 'split',
      }),
      schedule: { type: 'cosine', peak: learningRate, steps, warmupSteps: Math.ceil(steps / 20), minimumRatio: 0.05 },
      accumulationSteps: 1,
      maxGradientNorm: 1,
    });
    while ((await trainer.next()) !== undefined) advance(name, perStep);
  } finally {
    await engine.drain();
    program.release();
  }
}

/** The share of questions to which the model's likeliest words are the answer, nothing more, and then the end. */
export async function exactAnswers(engine: Engine, model: Model, questions: readonly Question[]): Promise<number> {
  const tokenizer = model.tokenizer!;
  const frozen = freeze(engine, model);
  const generator = new Generator(engine, frozen, tokenizer, { slots: 32, capacity: 64 });
  try {
    const right = await Promise.all(
      questions.map(async ({ prompt, answer }) => {
        const request = { prompt: tokenizer.encode(prompt), maxTokens: 16, sampling: { temperature: 0 } };
        const { completions } = await generator.generate(request).result;
        return completions[0].finishReason === 'stop' && completions[0].text === answer;
      }),
    );
    return right.filter(Boolean).length / questions.length;
  } finally {
    await generator.close();
    frozen.release();
  }
}

/** Mean loss of the tokens of answers and of their ends, in nats. */
export async function answerLoss(engine: Engine, model: Model, questions: readonly Question[]): Promise<number> {
  const scorer = new Scorer(engine, model);
  let [nats, count] = [0, 0];
  for (const question of questions) {
    const { ids, asked } = idsOf(question, model.tokenizer!);
    const { logProbabilities } = await scorer.score(ids);
    for (const value of logProbabilities.slice(asked)) nats -= value!;
    count += ids.length - asked;
  }
  scorer.release();
  return nats / count;
}

/** Mean loss of the tokens of texts, in nats. */
export async function textLoss(engine: Engine, model: Model, texts: readonly string[]): Promise<number> {
  const scorer = new Scorer(engine, model);
  let [nats, count] = [0, 0];
  for (const text of texts) {
    const ids = model.tokenizer!.encode(text).slice(0, batch.length);
    nats -= (await scorer.score(ids)).sum;
    count += ids.length - 1;
  }
  scorer.release();
  return nats / count;
}
