import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FineryError, InputError } from '../errors.ts';
import { mergeModels } from './merge-models.ts';
import { defineMethod } from './method.ts';
import { type PlanMergeOptions, planMerge } from './plan-merge.ts';
import { parseMergeRecipes } from './recipe/read-merge-recipe.ts';
import type { ExecuteOptions } from './stream/execute-plan.ts';
import { readTensors } from './testing/read-tensors.ts';
import { type ToyLlamaOptions, toyConfig, toyLlama, writeToyModel } from './testing/toy-model.ts';

let folder: string;
const paths: Record<string, string> = {};
const toy: ToyLlamaOptions = { hidden: 16, vocabulary: 37 };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-merge-'));
  for (const [name, seed] of [
    ['base', 0],
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ] as const) {
    const options = { config: toyConfig(toy), dtype: 'bf16', shards: seed === 2 ? 2 : 1 } as const;
    paths[name] = await writeToyModel(join(folder, name), toyLlama({ ...toy, seed }), options);
  }
});

afterAll(() => rm(folder, { recursive: true }));

let count = 0;

async function merge(yaml: string, options: PlanMergeOptions & ExecuteOptions = {}): Promise<string> {
  const [recipe] = parseMergeRecipes(
    yaml.replace(/@(\w+)/g, (_, name: string) => paths[name]),
    'test.yaml',
  );
  count += 1;
  const out = join(folder, `out-${count}`);
  await mergeModels(recipe, out, { sync: false, threads: 0, ...options });
  return out;
}

async function digest(model: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(model)).sort()) hash.update(name).update(await readFile(join(model, name)));
  return hash.digest('hex');
}

const dareTies = `
merge_method: dare_ties
base_model: "@base"
models:
  - {model: "@a", parameters: {weight: 0.6, density: 0.5}}
  - {model: "@b", parameters: {weight: 0.3, density: 0.4}}
dtype: bfloat16
`;

describe('mergeModels', () => {
  it('averages every tensor of sharded and unsharded models', async () => {
    const out = await merge(
      '{merge_method: linear, models: [{model: "@a", parameters: {weight: 1}}, {model: "@b", parameters: {weight: 3}}], dtype: float32}',
    );
    const [a, b, merged] = await Promise.all([paths.a, paths.b, out].map(readTensors));
    expect([...merged.keys()].sort()).toEqual([...a.keys()].sort());
    for (const [name, values] of merged) {
      const expected = values.map((_, i) => (a.get(name)![i] + 3 * b.get(name)![i]) / 4);
      expect(Math.max(...values.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-6);
    }
  });

  it('gives the same bytes with any number of threads and any length of pieces', async () => {
    const results = [
      await merge(dareTies, { threads: 0 }),
      await merge(dareTies, { threads: 2 }),
      await merge(dareTies, { threads: 2, pieceLength: 64 }),
    ];
    const digests = await Promise.all(results.map(digest));
    expect(new Set(digests).size).toBe(1);
    // And another seed gives others.
    expect(await digest(await merge(`${dareTies}seed: 1`))).not.toBe(digests[0]);
  });

  it('runs a method of one’s own', async () => {
    const largest = defineMethod({
      name: 'largest',
      reference: 'this test',
      equation: 'theta = the theta_i of largest magnitude',
      base: 'none',
      models: [1, Number.POSITIVE_INFINITY],
      perModel: {},
      settings: {},
      merge: ({ write }) =>
        write(({ models }, out) => {
          for (let i = 0; i < out.length; i++) {
            out[i] = models.map((model) => model[i]).reduce((x, y) => (Math.abs(y) > Math.abs(x) ? y : x));
          }
        }),
    });
    const out = await merge('{merge_method: largest, models: [{model: "@a"}, {model: "@b"}]}', { methods: [largest] });
    const [a, b, merged] = await Promise.all([paths.a, paths.b, out].map(readTensors));
    const name = 'model.layers.1.mlp.down_proj.weight';
    const [x, y] = [a.get(name)!, b.get(name)!];
    expect([...merged.get(name)!]).toEqual([...x].map((value, i) => (Math.abs(y[i]) > Math.abs(value) ? y[i] : value)));
  });
});

describe('slices', () => {
  it('stack layers, also of one model twice, with gradients along them', async () => {
    const out = await merge(`
merge_method: linear
slices:
  - sources: [{model: "@a", layer_range: [0, 2], parameters: {weight: [1, 3]}}, {model: "@b", layer_range: [0, 2], parameters: {weight: 1}}]
  - sources: [{model: "@a", layer_range: [0, 1], parameters: {weight: 1}}, {model: "@a", layer_range: [1, 2], parameters: {weight: 1}}]
dtype: float32
`);
    const [a, b, merged] = await Promise.all([paths.a, paths.b, out].map(readTensors));
    const name = (layer: number): string => `model.layers.${layer}.self_attn.q_proj.weight`;
    const near = (found: Float32Array, expected: (i: number) => number): void => {
      expect(Math.max(...found.map((value, i) => Math.abs(value - expected(i))))).toBeLessThan(1e-6);
    };
    near(merged.get(name(0))!, (i) => (a.get(name(0))![i] + b.get(name(0))![i]) / 2);
    near(merged.get(name(1))!, (i) => (3 * a.get(name(1))![i] + b.get(name(1))![i]) / 4);
    near(merged.get(name(2))!, (i) => (a.get(name(0))![i] + a.get(name(1))![i]) / 2);
    const config = JSON.parse(await readFile(join(out, 'config.json'), 'utf8'));
    expect(config).toMatchObject({ num_hidden_layers: 3, torch_dtype: 'float32' });
  });

  it('fade a parameter along their layers, and give it its first value outside of them', async () => {
    const five = { ...toy, layers: 5 };
    for (const [name, seed] of [
      ['five', 0],
      ['tuned', 1],
    ] as const) {
      paths[name] = await writeToyModel(join(folder, name), toyLlama({ ...five, seed }), { config: toyConfig(five) });
    }
    const out = await merge(`
merge_method: task_arithmetic
base_model: "@five"
models: [{model: "@tuned", parameters: {weight: [0, 1, 0]}}]
dtype: float32
`);
    const [origin, tuned, merged] = await Promise.all([paths.five, paths.tuned, out].map(readTensors));
    const shareOf = (name: string): number => {
      const [from, to, found] = [origin, tuned, merged].map((tensors) => tensors.get(name)!);
      const sum = (values: Float32Array): number =>
        values.reduce((total, value, i) => total + (value - from[i]) * (to[i] - from[i]), 0);
      return sum(found) / sum(to);
    };
    for (const [layer, share] of [0, 0.5, 1, 0.5, 0].entries()) {
      expect(shareOf(`model.layers.${layer}.mlp.down_proj.weight`)).toBeCloseTo(share, 5);
    }
    expect(merged.get('model.embed_tokens.weight')).toEqual(origin.get('model.embed_tokens.weight'));
    // What is true or false has nothing between.
    const halfway = merge(
      '{merge_method: ties, base_model: "@five", models: [{model: "@tuned", parameters: {weight: 1}}], parameters: {normalize: [true, false]}}',
    );
    await expect(halfway).rejects.toThrow(/normalize: found 0.75 for .*layers.1.*, expected true or false/);
  });

  it('of different numbers of sources: what comes after the layers has all sources of the last one', async () => {
    const source = (name: string): string => `{model: "@${name}", layer_range: [0, 1], parameters: {weight: 1}}`;
    const out = await merge(`
merge_method: linear
slices: [{sources: [${source('a')}]}, {sources: [${source('a')}, ${source('b')}, ${source('c')}]}]
dtype: float32
`);
    const [a, b, c, merged] = await Promise.all([paths.a, paths.b, paths.c, out].map(readTensors));
    const near = (name: string, sources: readonly (typeof a)[]): void => {
      for (const [i, value] of merged.get(name)!.entries()) {
        const mean = sources.reduce((sum, tensors) => sum + tensors.get(name)![i], 0) / sources.length;
        expect(Math.abs(value - mean)).toBeLessThan(1e-6);
      }
    };
    near('model.embed_tokens.weight', [a]);
    near('model.norm.weight', [a, b, c]);
    near('lm_head.weight', [a, b, c]);
  });

  it('leave embedding, norm and head to controls of their own', async () => {
    const out = await merge(`
merge_method: slerp
base_model: "@base"
models: [{model: "@base"}, {model: "@a"}]
parameters: {t: 0.5}
embed: {source: 1}
lm_head: {parameters: {t: 0}}
`);
    const [base, a, merged] = await Promise.all([paths.base, paths.a, out].map(readTensors));
    expect(merged.get('model.embed_tokens.weight')).toEqual(a.get('model.embed_tokens.weight'));
    expect(merged.get('lm_head.weight')).toEqual(base.get('lm_head.weight'));
    expect(merged.get('model.norm.weight')).not.toEqual(base.get('model.norm.weight'));
  });
});

describe('an interrupted merge', () => {
  it('goes on where it was, and gives the same bytes', async () => {
    const whole = await digest(await merge(dareTies));
    const [recipe] = parseMergeRecipes(
      dareTies.replace(/@(\w+)/g, (_, name: string) => paths[name]),
      'test.yaml',
    );
    const out = join(folder, 'interrupted');
    const stop = new AbortController();
    let tensors = 0;
    const onProgress = () => {
      tensors += 1;
      if (tensors === 4) stop.abort(new Error('stopped'));
    };
    const options = { sync: false, threads: 0 } as const;
    await expect(mergeModels(recipe, out, { ...options, signal: stop.signal, onProgress })).rejects.toThrow('stopped');
    // Nothing that could be mistaken for a model.
    const [unfinished] = (await readdir(folder)).filter((name) => name.startsWith('.interrupted.merge-'));
    expect(await readdir(join(folder, unfinished))).not.toContain('config.json');
    // What is not what was written is made again.
    const weights = join(folder, unfinished, 'model.safetensors');
    const bytes = await readFile(weights);
    bytes[bytes.length - 1] ^= 1;
    const damaged = bytes.indexOf(0, 4096);
    bytes[damaged] = 1;
    await writeFile(weights, bytes);
    const { resumed } = await mergeModels(recipe, out, options);
    expect(resumed).toBeGreaterThan(0);
    expect(resumed).toBeLessThanOrEqual(4);
    expect(await digest(out)).toBe(whole);
    await expect(mergeModels(recipe, out, options)).rejects.toThrow('there already');
  });
});

describe('tokenizers', () => {
  const toyVocabulary = (tokens: readonly string[]) => ({
    model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges: [] },
    added_tokens: [],
  });

  beforeAll(async () => {
    for (const [name, seed, tokens] of [
      ['x', 1, ['a', 'b', 'c']],
      ['y', 2, ['b', 'd', 'a', 'e']],
    ] as const) {
      const options = { ...toy, vocabulary: 5, seed };
      paths[name] = await writeToyModel(join(folder, name), toyLlama(options), { config: toyConfig(options) });
      await writeFile(join(paths[name], 'tokenizer.json'), JSON.stringify(toyVocabulary(tokens)));
      await writeFile(join(paths[name], 'generation_config.json'), '{"eos_token_id":2}');
    }
  });

  const row = (table: Float32Array, index: number): number[] => [...table.subarray(16 * index, 16 * (index + 1))];
  const models = 'models: [{model: "@x", parameters: {weight: 1}}, {model: "@y", parameters: {weight: 1}}]';

  it('are united: every token has the rows of those who have it', async () => {
    const out = await merge(
      `{merge_method: linear, ${models}, tokenizer_source: union, dtype: float32, chat_template: chatml}`,
    );
    const [x, y, merged] = (await Promise.all([paths.x, paths.y, out].map(readTensors))).map(
      (tensors) => tensors.get('model.embed_tokens.weight')!,
    );
    const { model } = JSON.parse(await readFile(join(out, 'tokenizer.json'), 'utf8'));
    expect(model.vocab).toEqual({ a: 0, b: 1, c: 2, d: 3, e: 4 });
    const mean = (p: readonly number[], q: readonly number[]): number[] =>
      p.map((value, i) => Math.fround((value + q[i]) / 2));
    expect(row(merged, 0)).toEqual(mean(row(x, 0), row(y, 2)));
    expect(row(merged, 1)).toEqual(mean(row(x, 1), row(y, 0)));
    // Tokens of one model only.
    expect(row(merged, 2)).toEqual(row(x, 2));
    expect(row(merged, 3)).toEqual(row(y, 1));
    expect(row(merged, 4)).toEqual(row(y, 3));
    expect(await readFile(join(out, 'chat_template.jinja'), 'utf8')).toContain('<|im_start|>');
    expect(await readdir(out)).toContain('generation_config.json');
  });

  it('take sources of tokens, and padding', async () => {
    const out = await merge(`
merge_method: linear
${models}
tokenizer:
  source: "@y"
  pad_to_multiple_of: 8
  tokens:
    a: {source: {kind: zero}, force: true}
    b: {source: "@x", force: true}
dtype: float32
`);
    const [x, y, merged] = (await Promise.all([paths.x, paths.y, out].map(readTensors))).map(
      (tensors) => tensors.get('model.embed_tokens.weight')!,
    );
    expect(merged.length).toBe(8 * 16);
    expect(row(merged, 2)).toEqual(Array(16).fill(0));
    expect(row(merged, 0)).toEqual(row(x, 1));
    expect(row(merged, 1)).toEqual(row(y, 1));
    expect(JSON.parse(await readFile(join(out, 'config.json'), 'utf8')).vocab_size).toBe(8);
  });

  it('that mean other tokens by their rows are refused without a tokenizer section', async () => {
    await expect(merge(`{merge_method: linear, ${models}}`)).rejects.toThrow(/\d tokens? with other ids/);
  });
});

describe('bad input', () => {
  const task = (parameters: string, settings = '', model = '@a'): string =>
    `{merge_method: ties, base_model: "@base", models: [{model: "${model}", parameters: {${parameters}}}], parameters: {${settings}}}`;

  beforeAll(async () => {
    const change = async (
      name: string,
      change: (tensors: Record<string, { shape: readonly number[]; values: ArrayLike<number> }>) => void,
      config = {},
    ) => {
      const tensors = { ...toyLlama({ ...toy, seed: 5 }) };
      change(tensors);
      paths[name] = await writeToyModel(join(folder, name), tensors, { config: { ...toyConfig(toy), ...config } });
    };
    const norm = 'model.norm.weight';
    await change('missing', (tensors) => delete tensors[norm]);
    await change('extra', (tensors) => {
      tensors['model.extra.weight'] = { shape: [1], values: [1] };
    });
    await change('shape', (tensors) => {
      tensors[norm] = { shape: [3], values: [1, 2, 3] };
    });
    await change('nan', (tensors) => {
      tensors[norm] = { shape: [16], values: Array(16).fill(Number.NaN) };
    });
    await change('other', () => undefined, { model_type: 'gpt2' });
    await change('fewer', () => undefined, { num_hidden_layers: 1 });
    await change('heads', () => undefined, { num_attention_heads: 4 });
    await change('rotary', () => undefined, { rope_theta: 500_000 });
    await change('plain', () => undefined, { num_attention_heads: 2, rope_parameters: { rope_theta: 10_000 } });
    paths.pickled = join(folder, 'pickled');
    await cp(paths.a, paths.pickled, { recursive: true });
    await rm(join(paths.pickled, 'model.safetensors'));
    await writeFile(join(paths.pickled, 'pytorch_model.bin'), 'x');
  });

  it.each<[string, string | (() => string), RegExp]>([
    ['a missing tensor', task('weight: 1', '', '@missing'), /no tensor "model.norm.weight"/],
    ['a tensor too many', task('weight: 1', '', '@extra'), /such as "model.extra.weight"/],
    ['another shape', task('weight: 1', '', '@shape'), /shape \[3\], expected \[16\]/],
    ['another architecture', task('weight: 1', '', '@other'), /"gpt2", expected "llama"/],
    [
      'matrices of other heads',
      '{merge_method: linear, models: [{model: "@plain"}, {model: "@heads"}], parameters: {weight: 1}}',
      /num_attention_heads: found 4, expected 2, as in /,
    ],
    ['fewer layers', task('weight: 1', '', '@fewer'), /1 of .*equally many layers/],
    ['weights that are not finite', task('weight: 1', '', '@nan'), /NaN, expected finite weights/],
    ['pickled weights', task('weight: 1', '', '@pickled'), /can run any program/],
    [
      'no such folder',
      task('weight: 1', '', './nowhere'),
      /^test\.yaml, line \d+, models\.\d\.model: \.\/nowhere: found no such folder/,
    ],
    [
      'no such adapter',
      task('weight: 1', '', '@a+./nowhere'),
      /^test\.yaml, line \d+, models\.\d\.model: \.\/nowhere: found no such folder/,
    ],
    ['no weight', task('density: 0.5'), /no weight for/],
    [
      'a density above 1',
      task('weight: 1, density: 2'),
      /density: found 2, expected a number, at least 0 and at most 1/,
    ],
    ['an unknown parameter', task('weigth: 1'), /Did you mean "weight"/],
    ['an unknown method', '{merge_method: tiess, models: [{model: "@a"}]}', /Did you mean "ties"/],
    ['no base', '{merge_method: ties, models: [{model: "@a", parameters: {weight: 1}}]}', /no base_model/],
    [
      'too many models',
      '{merge_method: slerp, base_model: "@base", models: [{model: "@a"}, {model: "@b"}], parameters: {t: 1}}',
      /2 models beside the base/,
    ],
    [
      'weights that add up to 0',
      '{merge_method: linear, models: [{model: "@a", parameters: {weight: 1}}, {model: "@b", parameters: {weight: -1}}]}',
      /tensor model.embed_tokens.weight, weight: found 1, -1, which add up to 0.*set normalize: false/s,
    ],
    [
      'layers that there are not',
      '{merge_method: passthrough, slices: [{sources: [{model: "@a", layer_range: [1, 3]}]}]}',
      /layers \[1,3\]/,
    ],
  ])('%s', async (_, yaml, message) => {
    const failure = await merge(yaml as string).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FineryError);
    expect((failure as FineryError).message).toMatch(message);
  });

  const float16 = 'base_model: "@base", models: [{model: "@a"}, {model: "@b"}], dtype: float16';
  it.each([
    [
      'a factor beyond float32',
      task('weight: 1', 'lambda: 1e40'),
      /as result of ties, expected a number that bf16 can hold. Choose smaller weights or lambda.$/,
    ],
    [
      'a sum beyond float16',
      `{merge_method: linear, ${float16}, parameters: {weight: 1e6, normalize: false}}`,
      /expected a number that f16 can hold. Write bfloat16 or float32, or choose smaller weights.$/,
    ],
    [
      'a division by nearly nothing',
      '{merge_method: linear, models: [{model: "@a", parameters: {weight: 1}}, {model: "@b", parameters: {weight: -0.9999999}}], dtype: float16}',
      /Weights that nearly add up to nothing divide by nearly nothing: choose others.$/,
    ],
    ['weights that are not finite', task('weight: 1', '', '@nan'), /NaN, expected finite weights/],
  ])('leaves nothing behind: %s', async (_, yaml, message) => {
    for (const threads of [0, 2]) {
      const before = await readdir(folder);
      const failure = await merge(yaml, { threads }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(InputError);
      expect((failure as InputError).message).toMatch(message);
      expect(await readdir(folder)).toEqual(before);
    }
  });

  it.runIf(process.platform === 'linux')('ends where no folder can be made', async () => {
    const [recipe] = parseMergeRecipes(
      dareTies.replace(/@(\w+)/g, (_, name: string) => paths[name]),
      'test.yaml',
    );
    await expect(mergeModels(recipe, '/proc/finery-test', { sync: false, threads: 0 })).rejects.toThrow(/mkdir/);
  });

  it('is told about what has no effect', async () => {
    const yaml = task('weight: 1, gamma: 0.1').replace(/@(\w+)/g, (_, name: string) => paths[name]);
    const { warnings } = await planMerge(parseMergeRecipes(yaml, 'test.yaml')[0]);
    expect(warnings).toEqual(['test.yaml: gamma has no effect with ties.']);
  });

  it.each([
    ['linear', [0.5, -0.6], {}, /linear: negative weights leave next to nothing of the others, or less/],
    ['linear', [0.5, -0.6], { normalize: false }, undefined],
    ['linear', [0.5, -0.4], {}, undefined],
    ['task_arithmetic', [0.5, -0.49], { normalize: true }, /task_arithmetic: negative weights leave next to nothing/],
    [
      'ties',
      [1, -0.2],
      {},
      /ties: normalize divides by the weights of those that agree, which negative ones may leave/,
    ],
    ['ties', [1, 0.2], {}, undefined],
    ['multislerp', [0.5, -0.6], {}, /multislerp: .*Set normalize_weights: false/],
    ['task_arithmetic', [1, -1], { normalize: true }, /task_arithmetic: .* normalize divides by 1, as in mergekit/],
    ['nuslerp', [1, -1], {}, /nuslerp: the weights add up to nothing.* it is halfway, as in mergekit/],
    ['nuslerp', [1, -0.95], {}, /nuslerp: weights that nearly cancel place the result at t = -19.0/],
    ['nuslerp', [-1, -2], {}, undefined],
    ['ties', [1, 1], { density: 0 }, /ties: density 0 keeps nothing of a model's changes/],
  ])('is told about: %s of weights %j with %j', async (merge_method, [a, b], parameters, expected) => {
    const models = [
      { model: paths.a, parameters: { weight: a } },
      { model: paths.b, parameters: { weight: b } },
    ];
    const base_model = ['linear', 'nuslerp'].includes(merge_method) ? undefined : paths.base;
    const [recipe] = parseMergeRecipes(JSON.stringify({ merge_method, base_model, models, parameters }), 'test.yaml');
    const { warnings } = await planMerge(recipe);
    expect(warnings).toEqual(expected ? [expect.stringMatching(expected)] : []);
  });

  it.each([
    ['- {model: "@a"}', '', /^test.yaml, line 4, models.0, .*: found no weight for/],
    ['- {model: "@a", parameters: {weigth: 1}}', '', /^test.yaml, line 4, models.0.parameters.weigth: found the/],
    [
      '- {model: "@a", parameters: {weight: 1, density: 2}}',
      '',
      /^test.yaml, line 4, models.0.parameters.density: found 2,/,
    ],
    [
      '- {model: "@a"}',
      'parameters: {weight: half}',
      /^test.yaml, line 5, parameters.weight: found "half", expected a/,
    ],
  ])('is told of by its line: %s %s', async (model, parameters, message) => {
    const yaml = ['merge_method: ties', 'base_model: "@base"', 'models:', `  ${model}`, parameters].join('\n');
    await expect(merge(yaml)).rejects.toThrow(message);
  });

  it('is told of by its line within slices and modules', async () => {
    const text = (parameters: string): string => `merge_method: passthrough
modules:
  default:
    slices:
      - sources:
          - model: ${paths.a}
            parameters: ${parameters}
            layer_range: [0, 2]
          - {model: ${paths.b}, layer_range: [0, 2]}`;
    const place = 'modules.default.slices.0';
    const planned = (parameters: string) => planMerge(parseMergeRecipes(text(parameters), 'test.yaml')[0]);
    await expect(planned('{scael: 1}')).rejects.toThrow(`line 7, ${place}.sources.0.parameters.scael: found`);
    await expect(planned('{scale: 1}')).rejects.toThrow(`line 5, ${place}: found 2 models`);
  });

  it('is told about filters that are part of no name', async () => {
    const yaml = `merge_method: slerp
base_model: ${paths.base}
models: [{model: ${paths.a}}]
parameters:
  t: [{filter: self_atn, value: 0.9}, {filter: mlp, value: 0.4}, {filter: "*", value: 0.3}]
lm_head:
  parameters: {t: {filter: mlp, value: 0.5}}`;
    const { warnings } = await planMerge(parseMergeRecipes(yaml, 'test.yaml')[0]);
    expect(warnings).toEqual([
      expect.stringMatching(/^test.yaml, line 5, parameters.t.0.filter: .*"self_atn".*Did you mean "self_attn"\?$/),
      expect.stringMatching(
        /^test.yaml, line 7, lm_head.parameters.t.filter: .*"mlp".*Names are like lm_head.weight\.$/,
      ),
    ]);
  });

  it('is told about a selection of nothing', async () => {
    const yaml = `{merge_method: sce, base_model: ${paths.base}, models: [{model: ${paths.a}}], parameters: {select_topk: 0}}`;
    const { warnings } = await planMerge(parseMergeRecipes(yaml, 'test.yaml')[0]);
    expect(warnings).toEqual([expect.stringMatching(/sce: select_topk 0 selects nothing: the result is the base/)]);
  });

  it('is told about settings that change what the same weights mean', async () => {
    const yaml = `{merge_method: linear, models: [{model: ${paths.plain}}, {model: ${paths.rotary}}], parameters: {weight: 1}}`;
    const { warnings, config } = await planMerge(parseMergeRecipes(yaml, 'test.yaml')[0]);
    expect(warnings).toEqual([expect.stringMatching(/rotary has rope_theta 500000, .*plain has 10000/)]);
    expect(config.rope_parameters).toEqual({ rope_theta: 10_000 });
  });

  it.each(['mergekit', 'paper'])('density 0 leaves the base: compat %s', async (compat) => {
    const yaml = task('weight: 1, density: 0').replace('{', `{compat: ${compat}, `);
    const [base, merged] = await Promise.all([paths.base, await merge(yaml)].map(readTensors));
    expect(merged).toEqual(base);
  });
});
