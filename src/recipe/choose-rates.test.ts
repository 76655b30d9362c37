import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { resolveModel } from '../checkpoint/hub/resolve-model.ts';
import { modelName, startHub } from '../checkpoint/hub/testing/hub-server.ts';
import { InterruptedError, UsageError } from '../errors.ts';
import { chooseLearningRate } from '../train/default-hyperparameters.ts';
import { chooseRates } from './choose-rates.ts';
import { checkRecipe, fieldName } from './resolve-recipe.ts';

const recipes = fileURLToPath(new URL('../../recipes', import.meta.url));
const written = (base: unknown, stages: readonly unknown[]) => ({
  name: 'small',
  base,
  data: { text: { files: ['a.jsonl'] }, chats: { conversations: { files: ['b.jsonl'] } } },
  stages,
});
const ratesOf = (document: unknown) =>
  checkRecipe(document, fieldName).stages.map((stage) => {
    if ('cpt' in stage) return stage.cpt.learning_rate;
    return 'sft' in stage ? stage.sft.learning_rate : undefined;
  });

describe('learning rates by size', () => {
  const rate = (parameters: number, changes = {}) => chooseLearningRate({ kind: 'sft', parameters, ...changes }).value;

  it('are those of the table at its sizes, and theirs beyond them', () => {
    expect([1e5, 3e6, 8e9, 70e9, 1e12].map((parameters) => rate(parameters))).toEqual([1e-3, 1e-3, 5e-6, 2e-6, 2e-6]);
    expect(chooseLearningRate({ kind: 'joint', parameters: 8e9 })).toMatchObject({
      value: 5e-6,
      reason: expect.stringContaining('FinDAP'),
    });
  });

  it('fall with the size in between, in a straight line of logarithms', () => {
    const rates = [3e6, 3e7, 5e8, 1.5e9, 7e9].map((parameters) => rate(parameters));
    expect([...rates].sort((a, b) => b - a)).toEqual(rates);
    // The geometric mean of the sizes has that of the rates.
    expect(rate(Math.sqrt(3e6 * 8e9))).toBe(7.1e-5);
  });

  it('are ten times higher for an adapter, up to a limit', () => {
    expect(rate(8e9, { adapter: true })).toBe(5e-5);
    expect(rate(1e5, { adapter: true })).toBe(1e-2);
  });
});

describe('a recipe without learning rates', () => {
  it('gets those of its base, with reasons, and resolves to numbers', async () => {
    const stages = [{ cpt: {} }, { sft: { learning_rate: 'auto' } }, { sft: { learning_rate: 5e-4 } }];
    const { document, notes } = await chooseRates(written({ checkpoint: '../assets/nano' }, stages), recipes);
    const [cpt, sft, given] = ratesOf(document);
    expect([cpt, sft]).toEqual([9.1e-4, 9.1e-4]);
    expect(given).toBe(5e-4);
    expect(notes).toEqual([
      expect.stringMatching(/^stages\.0\.cpt\.learning_rate 0\.00091, cpt of 3\.\d+M parameters: between 0\.001 \(rec/),
      expect.stringMatching(/^stages\.1\.sft\.learning_rate 0\.00091, sft of 3\.\d+M parameters: .*Tulu 3/),
    ]);
    expect(stages[0]).toEqual({ cpt: {} });
  });

  it('keeps the default of the schema where the base cannot be looked at, says so, and refuses auto', async () => {
    const nowhere = { checkpoint: 'no/such/place' };
    const { document, notes } = await chooseRates(written(nowhere, [{ cpt: {} }]), recipes);
    expect(ratesOf(document)).toEqual([3e-4]);
    expect(notes).toEqual([
      expect.stringMatching(
        /^stages\.0\.cpt\.learning_rate is its default, .* not known: .*place.*config\.json: no such file$/,
      ),
    ]);
    const broken = { init: { config: { model_type: 'llama' }, tokenizer: { from: 'x' } } };
    const auto = await chooseRates(written(broken, [{ cpt: { learning_rate: 'auto' } }]), recipes);
    expect(auto.notes).toEqual([]);
    expect(() => checkRecipe(auto.document, fieldName)).toThrow(UsageError);
    expect(() => checkRecipe(auto.document, fieldName)).toThrow(/stages\.0\.cpt\.learning_rate.*"auto"/);
    expect(() => ratesOf(written(nowhere, [{ cpt: { learning_rate: -1 } }]))).toThrow(/learning_rate.*-1/);
  });

  it('leaves what is no recipe alone', async () => {
    for (const document of [null, 7, [], {}, { stages: 3 }, { stages: [null, { cpt: 4 }] }]) {
      expect((await chooseRates(document, recipes)).document).toBe(document);
    }
  });
});

describe('a base of the hub', () => {
  it('gives the same rate before and after it was fetched', async () => {
    const nano = join(recipes, '../assets/nano');
    const names = (await readdir(nano)).filter((name) => /\.(json|jinja|safetensors)$/.test(name));
    const files = Object.fromEntries(
      await Promise.all(
        names.map(async (name) => {
          const content = await readFile(join(nano, name));
          return [name, { content, lfs: name.endsWith('.safetensors') }] as const;
        }),
      ),
    );
    const hub = await startHub({ files });
    const root = await mkdtemp(join(tmpdir(), 'finery-rates-'));
    try {
      const env = { HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: join(root, 'cache') };
      const asked = () => chooseRates(written({ checkpoint: modelName }, [{ cpt: {} }]), root, { env });
      const before = await asked();
      expect(ratesOf(before.document)).toEqual([9.1e-4]);
      expect(await readdir(root)).toEqual([]);
      expect(hub.requests.filter((request) => request.startsWith('cdn'))).toEqual([]);
      await resolveModel(modelName, { root, env });
      expect(await asked()).toEqual(before);
      const offline = { ...env, HF_HUB_OFFLINE: '1' };
      const document = written({ checkpoint: 'finery/other' }, [{ cpt: {} }]);
      const { notes } = await chooseRates(document, root, { env: offline });
      expect(notes).toEqual([expect.stringContaining('HF_HUB_OFFLINE')]);
    } finally {
      await hub.close();
      await rm(root, { recursive: true });
    }
  });

  it('is interrupted while the hub is asked, which is not a size that is unknown', async () => {
    const interruption = new AbortController();
    const reason = new InterruptedError({
      field: 'finery',
      found: 'SIGINT',
      expected: 'to finish',
      fix: 'Run it again.',
    });
    const hub = await startHub({
      files: {},
      answer: () => {
        interruption.abort(reason);
        return true;
      },
    });
    const root = await mkdtemp(join(tmpdir(), 'finery-rates-'));
    try {
      const env = { HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: join(root, 'cache') };
      const document = written({ checkpoint: modelName }, [{ cpt: {} }]);
      await expect(chooseRates(document, root, { env, signal: interruption.signal })).rejects.toBe(reason);
    } finally {
      await hub.close();
      await rm(root, { recursive: true });
    }
  });
});
