/** Recipes that make vectors: what they may say, and small ones run from end to end. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyRecipe } from '../../test/support/tiny-recipe.ts';
import type { Pair } from '../data/pairs/pair.ts';
import { openEmbedder } from '../embed/embedder.ts';
import { saveEmbedder } from '../embed/save-embedder.ts';
import { tinyEmbedder } from '../embed/testing/tiny-embedder.ts';
import { InterruptedError, UsageError } from '../errors.ts';
import type { JsonObject } from '../files/json-file.ts';
import { planRun } from './plan/plan-run.ts';
import { planStages } from './plan/plan-stages.ts';
import { renderReport } from './report/render-report.ts';
import { checkRecipe, fieldName } from './resolve-recipe.ts';
import { type RunOptions, runRecipe } from './run-recipe.ts';
import type { Recipe } from './schema/recipe.ts';

const resolve = (document: unknown): Recipe => checkRecipe(document, fieldName);

const { config: initConfig } = (tinyRecipe({}).base as { init: { config: JsonObject } }).init;

const pairs = { finder: { pairs: { files: ['pairs.jsonl'], held_out: { share: 0.3 } } } };
const written = (stages: readonly JsonObject[], changes: JsonObject = {}): JsonObject => ({
  name: 'vectors',
  engine: { threads: 1 },
  base: { checkpoint: './encoder' },
  data: pairs,
  stages,
  ...changes,
});
const mixed = (stages: readonly JsonObject[], changes: JsonObject = {}): JsonObject =>
  written(stages, { data: { ...pairs, text: { files: ['a.txt'] } }, ...changes });

/** Every thing in every colour has its own place: what is held out are other things in the same words. */
function placesOfThings(): Pair[] {
  const colours = ['red', 'blue', 'green', 'white', 'black', 'grey', 'brown', 'pink', 'gold', 'plain', 'dark', 'pale'];
  const things = ['lamp', 'chair', 'desk', 'shelf', 'clock', 'rug', 'bowl', 'door', 'vase', 'stool', 'bell', 'fan'];
  return colours.flatMap((colour, i) =>
    things.map((thing, k) => ({
      query: `Where is the ${colour} ${thing}?`,
      positive: `In room ${12 * k + i} of the house stands a ${thing} that is ${colour}.`,
      negatives: [],
    })),
  );
}

describe('a recipe with a contrastive stage', () => {
  it('learns from all pairs, measures no bits of them, and is judged by what it finds', () => {
    const recipe = resolve(
      mixed([{ cpt: {} }, { contrastive: {} }, { contrastive: {} }, { sft: { on: ['chats'] } }], {
        data: { ...pairs, text: { files: ['a.txt'] }, chats: { conversations: { files: ['b.jsonl'] } } },
      }),
    );
    expect(recipe.evaluation.bits_per_byte.on).toEqual(['text', 'chats']);
    expect(recipe.stages.map(({ name, from }) => `${from} > ${name}`)).toEqual([
      'base > cpt',
      'cpt > contrastive',
      'contrastive > contrastive-2',
      'cpt > sft',
    ]);
    expect(recipe.stages[1]).toMatchObject({
      contrastive: { on: ['finder'], temperature: 0.05 },
      gate: { metrics: ['ndcg_at_10/finder'] },
    });
    expect(JSON.stringify(resolve(recipe))).toBe(JSON.stringify(recipe));
  });

  it('has another result where pairs, settings, or what the base says about vectors have changed', () => {
    const recipe = resolve(written([{ contrastive: {} }]));
    const inputs = {
      base: 'base',
      modules: 'modules',
      data: new Map([['finder', 'data']]),
      measuring: '',
      tasks: new Map(),
      folders: new Map(),
    };
    const key = (changes: Partial<typeof inputs> = {}, of = recipe) =>
      planStages(of, { ...inputs, ...changes })[0].result.key;
    const keys = [
      key(),
      key({ data: new Map([['finder', 'other']]) }),
      key({ modules: 'other' }),
      key({}, resolve(written([{ contrastive: { temperature: 0.1 } }]))),
      key({}, resolve(written([{ contrastive: {} }], { seed: 2 }))),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    const often = resolve(written([{ contrastive: { checkpoints: { every_seconds: 1 } } }]));
    expect(key({}, often)).toBe(keys[0]);
  });

  it('exports the base beside vectors where that is said', () => {
    const { stages } = resolve(mixed([{ contrastive: {} }, { export: {}, from: 'base' }, { cpt: {} }, { export: {} }]));
    expect(stages.map(({ from }) => from)).toEqual(['base', 'base', 'base', 'cpt']);
  });

  it.each<[string, JsonObject, string, RegExp]>([
    [
      'a set of documents',
      mixed([{ contrastive: { on: ['text'] } }]),
      'stages.0.contrastive.on.0',
      /a set of documents/,
    ],
    ['pairs as documents', mixed([{ cpt: { mixture: { finder: 1 } } }]), 'stages.0.cpt.mixture.finder', /set of pairs/],
    [
      'bits of pairs',
      mixed([{ cpt: {} }], { evaluation: { bits_per_byte: { on: ['finder'] } } }),
      'evaluation.bits_per_byte.on.0',
      /set of pairs/,
    ],
    [
      'no pairs',
      { ...mixed([{ cpt: {} }, { contrastive: {} }]), data: { text: { files: ['a'] } } },
      'stages.1.contrastive.on',
      /no set of pairs/,
    ],
    [
      'a language model from vectors',
      mixed([{ contrastive: {} }, { cpt: {}, from: 'contrastive' }]),
      'stages.1.from',
      /gives no model to start from/,
    ],
    [
      'a metric of language models',
      mixed([{ cpt: {} }, { contrastive: {}, gate: { metrics: ['bits_per_byte/text'] } }]),
      'stages.1.gate.metrics.0',
      /not measured/,
    ],
    ['an export of vectors', mixed([{ contrastive: {} }, { export: {} }]), 'stages.1', /only make vectors/],
    ['documents that nothing learns from', mixed([{ contrastive: {} }]), 'data.text', /no set of pairs/],
    [
      'tasks for vectors',
      written([{ contrastive: {} }], { evaluation: { tasks: { on: ['finworld_sentiment'] } } }),
      'evaluation.tasks.on',
      /finworld_sentiment/,
    ],
    [
      'a new base',
      written([{ contrastive: {} }], { base: { init: { config: initConfig, tokenizer: { from: './encoder' } } } }),
      'base.init',
      /new language model/,
    ],
    [
      'an adapter over four bits',
      written([{ contrastive: { adapter: { method: 'qlora' } } }]),
      'stages.0.contrastive.adapter.method',
      /qlora/,
    ],
    [
      'an adapter with dropout',
      written([{ contrastive: { adapter: { dropout: 0.1 } } }]),
      'stages.0.contrastive.adapter.dropout',
      /./,
    ],
    ['no temperature', written([{ contrastive: { temperature: 1e-4 } }]), 'stages.0.contrastive.temperature', /0.0001/],
    ['a width twice', written([{ contrastive: { matryoshka: [8, 8] } }]), 'stages.0.contrastive.matryoshka', /8/],
    ['one query', written([{ contrastive: { batch_size: 1 } }]), 'stages.0.contrastive.batch_size', /1/],
  ])('refuses %s', (_, document, field, found) => {
    let error: unknown;
    try {
      resolve(document);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).problem).toMatchObject({ field, found: expect.stringMatching(found) });
  });
});

describe('a contrastive stage in a run', () => {
  let root: string;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'finery-vectors-'));
    const all = placesOfThings();
    writeFileSync(join(root, 'pairs.jsonl'), all.map((pair) => `${JSON.stringify(pair)}\n`).join(''));
    await saveEmbedder(
      join(root, 'encoder'),
      await tinyEmbedder(all.flatMap(({ query, positive }) => [query, positive])),
    );
  });
  afterAll(() => rmSync(root, { recursive: true }));

  const learning = { batch_size: 16, num_train_epochs: 4, learning_rate: 5e-3 };

  async function run(name: string, document: JsonObject, options: Partial<RunOptions> = {}) {
    const said: string[] = [];
    const summary = await runRecipe(
      { recipe: resolve(document), folder: root },
      {
        out: join(root, name),
        cacheDir: join(root, 'cache'),
        onProgress: () => {},
        onWarning: (message) => said.push(message),
        onPart: (title) => said.push(title),
        onMemory: () => {},
        commands: [],
        ...options,
      },
    );
    return { summary, said };
  }

  it('finds what nobody has taught it, tells so, is done once, and was foreseen', { timeout: 120_000 }, async () => {
    const stages = [
      { contrastive: { ...learning, prefixes: { query: 'query: ' } } },
      { contrastive: { ...learning, num_train_epochs: 0.5, learning_rate: 1e-4 } },
    ];
    const plan = { out: join(root, 'run'), cacheDir: join(root, 'cache'), onProgress: () => {}, onWarning: () => {} };
    const loaded = { recipe: resolve(written(stages)), folder: root };
    const estimate = await planRun(loaded, plan);
    const { summary, said } = await run('run', written(stages));
    expect(estimate.stages.map(({ state, training }) => [state, training?.steps, training?.tokens])).toEqual(
      summary.stages.map(({ steps, tokens }) => ['new', steps, tokens]),
    );
    expect(estimate.seconds).toBeGreaterThan(0);
    expect(estimate.memory.predicted).toBeGreaterThan(1e8);

    const [before, after] = summary.measurements.map(({ tasks = [] }) => tasks);
    expect(before.map(({ task }) => task)).toEqual(['ndcg_at_10/finder', 'mrr/finder']);
    for (const [i, { value, n }] of after.entries()) {
      expect(n).toBeGreaterThan(20);
      expect(value!).toBeGreaterThan(before[i].value! + 0.15);
    }
    expect(summary.stages[0]).toMatchObject({ name: 'contrastive', gate: { accepted: true }, skippedSteps: 0 });
    // A tenth of an eighth of what was learnt before tells nothing: the gate says so.
    expect(summary.stages[1]).toMatchObject({ name: 'contrastive-2', from: 'contrastive', gate: { accepted: false } });
    expect(said).toContainEqual(expect.stringContaining('the gate of contrastive-2 is not passed: ndcg_at_10/finder'));
    const page = renderReport(summary);
    for (const said of ['<bdi>ndcg_at_10/finder</bdi>', 'nats per query', '16 queries']) expect(page).toContain(said);
    for (const unsaid of ['watchdog', 'nats per token']) expect(page).not.toContain(unsaid);
    expect(readFileSync(join(root, 'run', 'MODEL_CARD.md'), 'utf8')).toContain('library_name: sentence-transformers');

    const embedder = await openEmbedder(join(root, 'run', 'stages', '01-contrastive', 'checkpoint'), { threads: 1 });
    expect(embedder.settings.prompts).toEqual({ query: 'query: ', document: '' });
    await embedder.release();

    const again = await run('run', written(stages));
    expect(again.said.filter((part) => part.includes('measure'))).toEqual([]);
    expect(again.said).toContain('contrastive: finished before');
    expect(again.summary.measurements).toEqual(summary.measurements);
    const finished = await planRun(loaded, plan);
    expect(finished.stages.map(({ state }) => state)).toEqual(['finished', 'finished']);
  });

  it.each<[JsonObject, string]>([
    [{ batch_size: 1000 }, 'batch_size'],
    [{ matryoshka: [48, 4000] }, 'matryoshka'],
    [{ adapter: { target_modules: ['q_proj'] } }, 'adapter.target_modules'],
  ])('is refused with %j before an earlier one learns', async (wrong, field) => {
    const stages = [{ contrastive: learning }, { contrastive: { ...learning, ...wrong } }];
    const refused = run('refused', written(stages)).catch((error: UsageError) => error.problem);
    expect(await refused).toMatchObject({ field: `${field} of the stage contrastive-2` });
    expect(existsSync(join(root, 'refused', 'stages', '01-contrastive', 'checkpoint'))).toBe(false);
  });

  it('goes on after an interruption with the same bits', { timeout: 120_000 }, async () => {
    const document = written([{ contrastive: { ...learning, num_train_epochs: 1 } }]);
    await run('whole', document);
    const controller = new AbortController();
    const stopped = run('parts', document, {
      signal: controller.signal,
      onProgress: ({ stage, step }) => stage === 'contrastive' && step === 3 && controller.abort(),
    });
    await expect(stopped).rejects.toThrow(InterruptedError);
    await run('parts', document);
    const weights = (name: string) =>
      readFileSync(join(root, name, 'stages', '01-contrastive', 'checkpoint', 'model.safetensors'));
    expect(weights('parts').equals(weights('whole'))).toBe(true);
  });

  it('trains adapters, each over what the one before gives, and goes on with the same bits', {
    timeout: 120_000,
  }, async () => {
    const lesson = { ...learning, num_train_epochs: 2, learning_rate: 2e-2 };
    const document = written([
      { name: 'low', contrastive: { ...lesson, adapter: { r: 4, alpha: 8 }, prefixes: { query: 'query: ' } } },
      { name: 'scaled', contrastive: { ...lesson, adapter: { method: 'dora', target_modules: ['query', 'value'] } } },
    ]);
    const plan = {
      out: join(root, 'adapted'),
      cacheDir: join(root, 'cache'),
      onProgress: () => {},
      onWarning: () => {},
    };
    const estimate = await planRun({ recipe: resolve(document), folder: root }, plan);
    const all = { ...lesson, prefixes: { query: 'query: ' } };
    const whole = await planRun({ recipe: resolve(written([{ contrastive: all }])), folder: root }, plan);
    const [low, scaled] = estimate.stages.map(({ training }) => training!);
    expect(low.operations).toBeLessThan(whole.stages[0].training!.operations);
    expect(low.memory).toBeLessThan(whole.stages[0].training!.memory);

    const notes: string[] = [];
    const { summary } = await run('adapted', document, { onNote: (note) => notes.push(note) });
    expect(notes).toContainEqual(expect.stringMatching(/^lora of rank 4 over 6 linear layers: 2.69k parameters/));
    // [48, 48] four times, [96, 48] and [48, 96], rank 4; then rank 16 on two of the first, with 48 magnitudes each.
    expect(summary.stages.map(({ trainable, steps }) => [trainable, steps])).toEqual([
      [4 * (4 * 96 + 2 * 144), low.steps],
      [2 * (16 * 96 + 48), scaled.steps],
    ]);
    const page = renderReport(summary);
    expect(page).toContain('lora of rank 4, alpha 8, on all linear layers');
    expect(page).toContain('dora of rank 16, alpha 32, on query, value');
    expect(readFileSync(join(root, 'adapted', 'MODEL_CARD.md'), 'utf8')).toContain('dora of rank 16');

    // Over the base, the adapter makes the vectors of the merged model, prompts included.
    const stage = (name: string) => join(root, 'adapted', 'stages', name);
    const config = JSON.parse(readFileSync(join(stage('01-low'), 'adapter', 'adapter_config.json'), 'utf8'));
    expect(config).toMatchObject({ task_type: 'FEATURE_EXTRACTION', r: 4, lora_alpha: 8 });
    expect(config.base_model_name_or_path).toBe(join(root, 'encoder'));
    for (const [name, base] of [
      ['01-low', join(root, 'encoder')],
      ['02-scaled', join(stage('01-low'), 'checkpoint')],
    ]) {
      const beside = await openEmbedder(base, { adapter: join(stage(name), 'adapter'), threads: 1 });
      const merged = await openEmbedder(join(stage(name), 'checkpoint'), { threads: 1 });
      expect(beside.settings).toEqual(merged.settings);
      expect(beside.settings.prompts).toEqual({ query: 'query: ', document: '' });
      const [a, b] = await Promise.all([beside, merged].map((one) => one.embed(['a red lamp'], { prompt: 'query' })));
      for (const [i, value] of a[0].entries()) expect(b[0][i]).toBeCloseTo(value, 5);
      await Promise.all([beside.release(), merged.release()]);
    }

    const controller = new AbortController();
    const stopped = run('adapted-parts', document, {
      signal: controller.signal,
      onProgress: ({ stage, step }) => stage === 'scaled' && step === 5 && controller.abort(),
    });
    await expect(stopped).rejects.toThrow(InterruptedError);
    await run('adapted-parts', document);
    for (const file of ['adapter/adapter_model.safetensors', 'checkpoint/model.safetensors']) {
      const [a, b] = ['adapted', 'adapted-parts'].map((name) =>
        readFileSync(join(root, name, 'stages/02-scaled', file)),
      );
      expect(a.equals(b), file).toBe(true);
    }
  });

  it('makes an embedder of a language model of the run, beside it', { timeout: 120_000 }, async () => {
    const { base, data, ...tiny } = tinyRecipe({}) as { base: { init: { config: JsonObject } }; data: JsonObject };
    const evaluation = { every: null };
    const { summary, said } = await run('decoder', {
      ...tiny,
      base,
      data: { ...data, ...pairs },
      stages: [
        { cpt: { tokens: 2048, batch: { rows: 4, length: 64 }, evaluation, samples: null } },
        { contrastive: { ...learning, max_length: 48 } },
        { contrastive: { ...learning, adapter: {} }, from: 'cpt' },
      ],
    });
    expect(summary.measurements.map(({ at, sets, tasks = [] }) => [at, sets.length, tasks.length])).toEqual([
      ['base', 2, 2],
      ['cpt', 2, 2],
      ['contrastive', 0, 2],
      ['contrastive-2', 0, 2],
    ]);
    const [, before, after, adapted] = summary.measurements.map(({ tasks = [] }) => tasks[0].value!);
    expect(after).toBeGreaterThan(before + 0.1);
    expect(adapted).toBeGreaterThan(before + 0.1);
    // What a language model's vectors are like is no concern of its own stages.
    const gates = summary.stages.map(({ gate }) => gate?.metrics.map(({ metric }) => metric));
    expect(gates).toEqual([
      ['bits_per_byte/finance', 'bits_per_byte/general'],
      ['ndcg_at_10/finder', 'mrr/finder'],
      ['ndcg_at_10/finder', 'mrr/finder'],
    ]);
    expect(said.some((part) => part.startsWith('the gate of contrastive'))).toBe(false);
    const embedder = await openEmbedder(join(root, 'decoder', 'stages', '02-contrastive', 'checkpoint'), {
      threads: 1,
    });
    expect(embedder.settings).toMatchObject({ pooling: 'last', maxLength: 48 });
    await embedder.release();

    // What is left makes vectors only, of a recipe that measures texts too.
    const selected = await run(
      'selected',
      {
        ...tiny,
        base: { checkpoint: './decoder/stages/01-cpt/checkpoint' },
        data: { ...data, ...pairs },
        stages: [{ cpt: {} }, { contrastive: { ...learning, num_train_epochs: 0.25, max_length: 48 } }],
      },
      { selection: { skip: ['cpt'] } },
    );
    expect(selected.summary.measurements.map(({ at, sets, tasks = [] }) => [at, sets.length, tasks.length])).toEqual([
      ['base', 2, 2],
      ['contrastive', 0, 2],
    ]);
  });
});
