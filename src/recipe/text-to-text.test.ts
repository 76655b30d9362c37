/** Recipes whose base is an encoder-decoder: run from end to end, planned, and what they refuse. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachTrainedEncoderDecoderAdapter } from '../adapters/attach-encoder-decoder.ts';
import { readAdapter } from '../adapters/peft/read-adapter.ts';
import { UsageError } from '../errors.ts';
import type { JsonObject } from '../files/json-file.ts';
import { initEncoderDecoder, loadEncoderDecoder, saveEncoderDecoder } from '../models/encoder-decoder-model.ts';
import { newByt5Tokenizer } from '../tokenizer/byt5-tokenizer.ts';
import { loadRecipe } from './load-recipe.ts';
import { planRun } from './plan/plan-run.ts';
import { renderExamples } from './report/render-examples.ts';
import { renderModelCard } from './report/render-model-card.ts';
import { renderReport } from './report/render-report.ts';
import { checkRecipe, fieldName } from './resolve-recipe.ts';
import { runRecipe } from './run-recipe.ts';

const config = {
  model_type: 't5',
  vocab_size: 384,
  d_model: 32,
  d_kv: 8,
  d_ff: 48,
  num_heads: 4,
  num_layers: 1,
  num_decoder_layers: 1,
  feed_forward_proj: 'gated-gelu',
  tie_word_embeddings: false,
  eos_token_id: 1,
  pad_token_id: 0,
  tokenizer_class: 'ByT5Tokenizer',
};

/** Which of two words follows which of two others. */
const answerOf = (i: number) => (i % 2 === 0 ? 'up' : 'down');
const records = (count: number, first = 0) =>
  Array.from({ length: count }, (_, k) => {
    const i = first + k;
    return { id: `${i}`, prompt: `firm ${i}: ${i % 2 === 0 ? 'gain' : 'loss'}`, completion: answerOf(i) };
  });

const jsonl = (lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

const task = (name: string, fields: object) =>
  JSON.stringify({
    task: name,
    dataset_path: 'json',
    dataset_kwargs: { data_files: { test: 'items.jsonl' } },
    test_split: 'test',
    doc_to_text: '{{prompt}}',
    metadata: { version: 1 },
    ...fields,
  });

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'finery-text-to-text-'));
  await saveEncoderDecoder(join(root, 'base'), initEncoderDecoder(config, { seed: 3, tokenizer: newByt5Tokenizer() }), {
    dtype: 'f32',
  });
  const files = {
    'pairs.jsonl': jsonl(records(240)),
    'items.jsonl': jsonl(records(20, 1000)),
    'text.jsonl': jsonl([{ text: 'A document.' }]),
    'choose.yaml': task('choose', {
      output_type: 'multiple_choice',
      doc_to_choice: ['up', 'down'],
      doc_to_target: '{{completion}}',
    }),
    'write.yaml': task('write', {
      output_type: 'generate_until',
      doc_to_target: '{{completion}}',
      generation_kwargs: { until: ['\n'], max_gen_toks: 8 },
      metric_list: [{ metric: 'exact_match', aggregation: 'mean', higher_is_better: true }],
    }),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
});
afterAll(() => rmSync(root, { recursive: true }));

const resolve = (changes: JsonObject) =>
  checkRecipe(
    {
      name: 'small',
      engine: { threads: 1 },
      base: { checkpoint: 'base' },
      data: { pairs: { conversations: { files: ['pairs.jsonl'], held_out: { share: 0.2 } } } },
      evaluation: { bits_per_byte: { length: 32 } },
      ...changes,
    },
    fieldName,
  );

const training = {
  batch: { rows: 8, length: 32 },
  learning_rate: 1e-2,
  logging_steps: 1,
  num_train_epochs: 3,
  samples: { count: 2, every: 0.5, max_tokens: 8 },
};

const recipe = () =>
  resolve({
    evaluation: { bits_per_byte: { length: 32 }, tasks: { on: ['choose.yaml', 'write.yaml'] } },
    stages: [
      { sft: { ...training, load_best: true } },
      {
        name: 'adapted',
        from: 'base',
        sft: { ...training, num_train_epochs: 3, adapter: { method: 'dora', r: 4, alpha: 8 } },
      },
      {
        name: 'mean',
        merge: {
          merge_method: 'linear',
          models: ['sft', 'adapted'].map((model) => ({ model, parameters: { weight: 0.5 } })),
        },
      },
      { name: 'ask', from: 'sft', evaluate: { tasks: ['write.yaml'], limit: 4 } },
      { name: 'give', from: 'adapted', export: { dtype: 'f32' } },
    ],
  });

async function run(
  name: string,
  options: { recipe?: ReturnType<typeof resolve>; signal?: AbortSignal; onStep?: (stage: string) => void } = {},
) {
  const told = { warnings: [] as string[], notes: [] as string[] };
  const summary = await runRecipe(
    { recipe: options.recipe ?? recipe(), folder: root },
    {
      out: join(root, name),
      cacheDir: join(root, 'cache'),
      signal: options.signal,
      onProgress: ({ stage }) => options.onStep?.(stage),
      onWarning: (message) => told.warnings.push(message),
      onNote: (message) => told.notes.push(message),
      onPart: () => {},
      onMemory: () => {},
      commands: ['finery run small.yaml'],
    },
  );
  return { summary, ...told };
}

const at = (name: string, ...path: string[]) => join(root, name, 'stages', ...path);

describe('a recipe of an encoder-decoder', () => {
  it('learns answers, whole and under an adapter, measures, asks, merges and exports; the same when it is interrupted', async () => {
    const { summary, warnings, notes } = await run('whole');
    expect(warnings.filter((text) => !text.startsWith('the gate of'))).toEqual([]);
    expect(notes.join()).toMatch(/dora of rank 4 over 18 linear layers/);
    expect(summary.measurements.map((one) => one.at)).toEqual(['base', 'sft', 'adapted', 'mean']);
    const bits = summary.measurements.map(({ sets }) => sets.find(({ name }) => name === 'pairs')!.value);
    expect(bits[1]).toBeLessThan(0.4 * bits[0]);
    expect(bits[2]).toBeLessThan(0.7 * bits[0]);
    const scores = summary.measurements.map(({ tasks = [] }) =>
      Object.fromEntries(tasks.map((one) => [one.task, one.value])),
    );
    expect(scores[0].write).toBe(0);
    expect(scores[1]).toEqual({ choose: 1, write: 1 });
    expect(summary.stages[0].best).not.toBeNull();
    expect(summary.stages[1].trainable).toBeLessThan(0.5 * summary.base.parameters);
    expect(summary.evaluations[0].tasks![0]).toMatchObject({ task: 'write', value: 1 });
    const samples = summary.measurements[1].samples;
    expect(samples.map(({ text }) => text)).toEqual(samples.map(({ expected }) => expected));
    expect(readFileSync(at('whole', '01-sft', 'training-samples.jsonl'), 'utf8').split('\n')).toHaveLength(3);
    expect(renderReport(summary)).toContain('After adapted');
    expect(renderExamples(summary)).toMatch(/^asked +firm .*\nanswers/);
    expect(renderModelCard(summary)).toContain('pipeline_tag: text2text-generation');

    // The merged model is the base under the adapter.
    const base = await loadEncoderDecoder(join(root, 'base'));
    const adapter = await readAdapter(at('whole', '02-adapted', 'adapter'));
    expect(adapter.modules.size).toBe(attachTrainedEncoderDecoderAdapter(base, adapter).adapter.modules.size);
    const [exported] = readdirSync(at('whole')).filter((name) => name.endsWith('-give'));
    const given = await loadEncoderDecoder(at('whole', exported, 'model'));
    const merged = await loadEncoderDecoder(at('whole', '02-adapted', 'checkpoint'));
    expect(given.parameters.get('shared.weight')!.weight).toEqual(merged.parameters.get('shared.weight')!.weight);

    for (const stage of ['sft', 'adapted']) {
      const controller = new AbortController();
      let steps = 0;
      const onStep = (name: string) => {
        if (name === stage && ++steps === 7) controller.abort();
      };
      await expect(run('halves', { signal: controller.signal, onStep })).rejects.toMatchObject({ exitCode: 130 });
    }
    await run('halves');
    for (const stage of ['01-sft', '02-adapted', '03-mean']) {
      const [one, other] = ['whole', 'halves'].map((name) =>
        readFileSync(at(name, stage, 'checkpoint/model.safetensors')),
      );
      expect(one.equals(other), stage).toBe(true);
    }
  }, 180_000);

  it('begins with a new model, and ends a stage that has stopped learning', async () => {
    const init = { config, tokenizer: { from: 'base' } };
    const stops = { metric: 'bits_per_byte/pairs', patience: 1, min_delta: 10 };
    const small = resolve({
      base: { init },
      stages: [{ sft: { ...training, samples: null, evaluation: { every: 0.1 }, early_stopping: stops } }],
    });
    const { summary } = await run('new', { recipe: small });
    expect(summary.stages[0].stopped).toMatch(/bits_per_byte\/pairs/);
    expect(summary.stages[0].steps).toBeLessThan(72);
  }, 60_000);

  it('is planned: steps, places, memory and time', async () => {
    const options = { onProgress: () => {}, onWarning: () => {}, cacheDir: join(root, 'cache') };
    const { stages, memory } = await planRun(
      { recipe: recipe(), folder: root },
      { out: join(root, 'planned'), ...options },
    );
    const [whole, adapted, mean] = stages;
    const held = records(240).length;
    expect(whole.training!.steps).toBeGreaterThan((3 * 0.7 * held) / 8);
    expect(whole.training!.unpadded).toBeLessThan(whole.training!.tokens);
    expect(whole.training!.unpadded).toBeGreaterThan(0.5 * whole.training!.tokens);
    expect(adapted.training!.operations).toBeLessThan(2 * whole.training!.operations);
    expect(mean.merge!.tensors).toBeGreaterThan(20);
    expect(memory.predicted).toBeGreaterThan(100e6);
    for (const { training } of [whole, adapted]) expect(training!.seconds).toBeGreaterThan(0);
  }, 60_000);

  const documents = { text: { files: ['text.jsonl'] } };
  const pairs = { pairs: { conversations: { files: ['pairs.jsonl'] } } };
  it.each([
    ['sft', 'neftune_noise_alpha: 5', 'neftune_noise_alpha'],
    ['sft', 'adapter: {method: qlora}', 'adapter.method'],
    ['sft', 'adapter: {dropout: 0.1}', 'adapter.dropout'],
    ['sft', 'adapter: {target_modules: [q_proj]}', 'adapter.target_modules'],
    ['sft', 'batch: {length: 2}', 'batch.length'],
    ['evaluate', 'precision: int8', 'evaluate.precision'],
  ])('names the place of what it refuses: %s with %s', async (kind, setting, field) => {
    const path = join(root, 'placed.yaml');
    const lines = [
      'base: {checkpoint: base}',
      'engine: {threads: 1}',
      'data: {pairs: {conversations: {files: [pairs.jsonl]}}}',
      'evaluation: {bits_per_byte: {length: 32}}',
      'stages:',
      '  - name: odd',
      `    ${kind}:`,
      ...(kind === 'evaluate' ? ['      tasks: [write.yaml]'] : []),
      `      ${setting}`,
    ];
    writeFileSync(path, lines.join('\n'));
    const quiet = { onProgress: () => {}, onWarning: () => {}, cacheDir: join(root, 'cache') };
    const planned = planRun(await loadRecipe(path), { ...quiet, out: join(root, 'placed') });
    const error = await planned.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    const column = setting.includes('{') ? setting.indexOf('{') + 8 : 7;
    expect((error as UsageError).problem.field).toBe(
      `${path}, line ${lines.length}, column ${column}: ${field} of the stage odd`,
    );
  });

  it.each<[string, JsonObject, RegExp]>([
    [
      'pretraining',
      {
        data: { ...documents, ...pairs },
        evaluation: { bits_per_byte: { on: ['pairs'] } },
        stages: [{ cpt: { tokens: 4096 } }],
      },
      /cpt of the stage cpt/,
    ],
    [
      'a joint stage',
      { data: { ...documents, ...pairs }, evaluation: { bits_per_byte: { on: ['pairs'] } }, stages: [{ joint: {} }] },
      /joint of the stage joint/,
    ],
    [
      'documents that are measured',
      { data: { ...documents, ...pairs }, stages: [{ sft: {} }] },
      /bits_per_byte.on: text/,
    ],
    [
      'replay',
      {
        data: { ...documents, ...pairs },
        evaluation: { bits_per_byte: { on: ['pairs'] } },
        stages: [{ sft: { replay: { text: 1 } } }],
      },
      /replay of the stage sft/,
    ],
    ['noise', { stages: [{ sft: { neftune_noise_alpha: 5 } }] }, /neftune_noise_alpha of the stage sft/],
    [
      'a packed base',
      { stages: [{ sft: { adapter: { method: 'qlora' } } }] },
      /adapter.method of the stage sft: found qlora/,
    ],
    ['dropout', { stages: [{ sft: { adapter: { dropout: 0.1 } } }] }, /adapter.dropout of the stage sft/],
    [
      'layers of other models',
      { stages: [{ sft: { adapter: { target_modules: ['q_proj'] } } }] },
      /adapter.target_modules of the stage sft: found "q_proj"/,
    ],
    [
      'tasks in integers',
      {
        evaluation: { bits_per_byte: { length: 32 }, tasks: { on: ['write.yaml'], precision: 'int8' } },
        stages: [{ sft: {} }],
      },
      /evaluation.tasks.precision/,
    ],
    [
      'tasks as conversations',
      { stages: [{ evaluate: { tasks: ['write.yaml'], chat: true } }] },
      /evaluate.chat of the stage evaluate: found true, with an encoder-decoder/,
    ],
    [
      'rows that nothing fits',
      { stages: [{ sft: { batch: { length: 2 } } }] },
      /batch.length of the stage sft: found 2/,
    ],
    [
      'several answers',
      { data: { pairs: { conversations: { files: ['turns.jsonl'] } } }, stages: [{ sft: {} }] },
      /2 answers to learn/,
    ],
  ])('refuses %s before anything is trained', async (_, changes, message) => {
    const turns = ['Q', 'A', 'Q', 'A'].map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }));
    writeFileSync(join(root, 'turns.jsonl'), jsonl([{ messages: turns }]));
    const options = {
      onProgress: () => {},
      onWarning: () => {},
      cacheDir: join(root, 'cache'),
      out: join(root, 'refused'),
    };
    const error = await planRun({ recipe: resolve(changes), folder: root }, options).catch((reason: Error) => reason);
    expect(String(error)).toMatch(message);
    expect(error).not.toBeInstanceOf(TypeError);
    if (!String(error).includes('answers to learn')) expect(error).toBeInstanceOf(UsageError);
  });
});
