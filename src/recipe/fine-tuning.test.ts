/** Recipes that fine-tune: what they may say, and a small one run from end to end. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyRecipe } from '../../test/support/tiny-recipe.ts';
import { UsageError } from '../errors.ts';
import type { JsonObject } from '../files/json-file.ts';
import { rebasePaths } from './rebase-paths.ts';
import { renderReport } from './report/render-report.ts';
import { checkRecipe, fieldName } from './resolve-recipe.ts';
import { runRecipe } from './run-recipe.ts';

const data = {
  text: { files: ['a.jsonl'] },
  chats: { conversations: { files: ['chats/*.jsonl'] } },
  questions: { finworld_questions: { kinds: ['sentiment'] } },
};
const written = (stages: readonly JsonObject[], changes: JsonObject = {}): JsonObject => {
  return { name: 'small', base: { checkpoint: 'model' }, data, stages, ...changes };
};
const resolve = (document: unknown) => checkRecipe(document, fieldName);

function problem(document: unknown) {
  try {
    resolve(document);
  } catch (error) {
    if (error instanceof UsageError) return error.problem;
    throw error;
  }
  throw new Error('the recipe was accepted');
}

describe('a recipe with conversations', () => {
  it('pretrains on documents and fine-tunes on conversations unless told, and resolves to itself', () => {
    const recipe = resolve(written([{ cpt: {} }, { sft: {} }]));
    expect(recipe.stages).toMatchObject([
      { cpt: { mixture: { text: 1 }, learning_rate: 3e-4, weight_decay: 0.1 } },
      { sft: { on: ['chats', 'questions'], num_train_epochs: 2, learning_rate: 2e-5, weight_decay: 0 } },
    ]);
    expect(recipe.evaluation.bits_per_byte.on).toEqual(['text', 'chats', 'questions']);
    expect(resolve(recipe)).toEqual(recipe);
  });

  it('keeps its files when it is seen from elsewhere', () => {
    const sets = { ...data, asked: { tasks: { on: ['tfns', 'tasks/mine.yaml'] } } };
    const { data: moved } = rebasePaths(resolve(written([{ sft: {} }], { data: sets })), { from: '/a/b', to: '/a/c' });
    expect(moved.asked).toMatchObject({ tasks: { on: ['tfns', '../b/tasks/mine.yaml'], limit: null } });
    expect(moved.chats).toMatchObject({ conversations: { files: ['../b/chats/*.jsonl'] } });
  });

  it.each([
    ['documents in sft', written([{ sft: { on: ['chats', 'text'] } }]), 'stages.0.sft.on.1', /"text", a set of doc/],
    [
      'conversations in cpt',
      written([{ cpt: { mixture: { chats: 1 } } }]),
      'stages.0.cpt.mixture.chats',
      /"chats", a set of conv/,
    ],
    [
      'no conversations',
      written([{ sft: {} }], { data: { text: data.text } }),
      'stages.0.sft.on',
      /no set of conversations/,
    ],
    [
      'no documents',
      written([{ cpt: {} }], { data: { chats: data.chats } }),
      'stages.0.cpt.mixture',
      /no set of documents/,
    ],
    ['an unknown set', written([{ sft: { on: ['chat'] } }]), 'stages.0.sft.on.0', /data set "chat"/],
    ['two kinds in one', written([{ sft: {}, cpt: {} }]), 'stages.0', /cpt and sft/],
    ['a misspelt kind', written([{ stf: {} }]), 'stages.0.stf', /an unknown field/],
    ['a misspelt field', written([{ sft: { num_epochs: 2 } }]), 'stages.0.sft.num_epochs', /an unknown field/],
    ['half a pass', written([{ sft: { num_train_epochs: 0.5 } }]), 'stages.0.sft.num_train_epochs', /0\.5/],
    [
      'an unknown question',
      written([{ sft: {} }], { data: { q: { finworld_questions: { kinds: ['sums'] } } } }),
      'data.q.finworld_questions.kinds.0',
      /"sums"/,
    ],
  ])('refuses %s', (_, document, field, found) => {
    expect(problem(document)).toMatchObject({ field, found: expect.stringMatching(found) });
  });

  it('refuses to train a tokenizer on conversations', () => {
    const init = { config: { model_type: 'llama' }, tokenizer: { train: { on: ['chats'] } } };
    expect(problem(written([{ sft: {} }], { base: { init } }))).toMatchObject({
      field: 'base.init.tokenizer.train.on.0',
    });
  });
});

describe('running it', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'finery-tuning-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const tiny = tinyRecipe({}, {});
  const { init } = tiny.base as { init: { config: JsonObject } };
  const recipe = resolve({
    ...tiny,
    base: { init: { ...init, config: { ...init.config, max_position_embeddings: 192 } } },
    data: {
      ...(tiny.data as JsonObject),
      questions: { finworld_questions: { kinds: ['sentiment', 'facts'], questions: 60, held_out_questions: 9 } },
    },
    evaluation: { bits_per_byte: { length: 192 } },
    stages: [
      { cpt: { tokens: 6144, batch: { length: 192 }, learning_rate: 3e-3 } },
      { sft: { batch: { length: 192, rows: 4 }, learning_rate: 3e-3, neftune_noise_alpha: 5, logging_steps: 1 } },
    ],
  });
  const warnings: string[] = [];
  const run = (name: string, signal?: AbortSignal, onProgress: (stage: string) => void = () => {}) =>
    runRecipe(
      { recipe, folder },
      {
        out: join(folder, name),
        cacheDir: join(folder, 'cache'),
        signal,
        onProgress: ({ stage }) => onProgress(stage),
        onWarning: (message) => warnings.push(message),
        onPart: () => {},
        onMemory: () => {},
        commands: ['finery run small.yaml'],
      },
    );
  const weights = (name: string) => readFileSync(join(folder, name, 'stages/02-sft/checkpoint/model.safetensors'));

  it('chains the stages, measures answers, and ends with the same bits when it is interrupted', async () => {
    const summary = await run('whole');
    expect(warnings).toEqual([]);
    expect(summary.measurements.map(({ at }) => at)).toEqual(['base', 'cpt', 'sft']);
    const questions = summary.measurements.map(({ sets }) => sets.find(({ name }) => name === 'questions')!);
    expect(questions[0].sources.map(({ name, documents }) => [name, documents])).toEqual([
      ['sentiment', 9],
      ['facts', 9],
    ]);
    expect(questions[2].change!.high).toBeLessThan(-0.1);
    expect(summary.stages[1].epochs).toEqual({ questions: 2 });
    const report = renderReport(summary);
    for (const text of ['After sft', 'Passes in sft', 'noise 5', 'finworld questions, seed 1']) {
      expect(report).toContain(text);
    }

    const controller = new AbortController();
    let steps = 0;
    const stopped = run('halves', controller.signal, (stage) => {
      if (stage === 'sft' && ++steps === 3) controller.abort();
    });
    await expect(stopped).rejects.toMatchObject({ exitCode: 130 });
    await run('halves');
    expect(weights('halves').equals(weights('whole'))).toBe(true);
  }, 120_000);
});
