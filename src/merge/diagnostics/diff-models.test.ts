import { mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../../errors.ts';
import { stream } from '../../random/stream.ts';
import { diffModels } from './diff-models.ts';
import type { ModelDiff } from './model-diff.ts';
import { renderDiffReport } from './report/render-diff-report.ts';
import { type TestModel, type TestTensor, writeModel } from './testing/write-model.ts';

const names = ['model.layers.0.self_attn.q_proj.weight', 'model.layers.1.mlp.up_proj.weight'];
const norm = 'model.layers.0.input_layernorm.weight';
const [rows, columns] = [48, 96];

function normals(label: string, scale: number): Float32Array {
  const random = stream(11, label);
  return Float32Array.from({ length: rows * columns }, () => scale * random.normal());
}

const base = new Map(names.map((name) => [name, normals(`base ${name}`, 1)]));

type Change = (name: string) => Float32Array;

const independent =
  (label: string, scale = 0.02): Change =>
  (name) =>
    normals(`${label} ${name}`, scale);

function tensorsWith(change: Change = () => new Float32Array(rows * columns)): Record<string, TestTensor> {
  const matrices = [...base].map(([name, values]): [string, TestTensor] => {
    const delta = change(name);
    return [name, { shape: [rows, columns], data: values.map((value, i) => value + delta[i]) }];
  });
  return { ...Object.fromEntries(matrices), [norm]: { shape: [columns], data: new Float32Array(columns).fill(1) } };
}

let folder: string;
let origin: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-diff-'));
  origin = await write({ tensors: tensorsWith() });
}, 60_000);

afterAll(() => rm(folder, { recursive: true }));

const write = (model: TestModel): Promise<string> => writeModel(folder, `model-${count++}`, model);

async function diffOf(...models: readonly TestModel[]): Promise<ModelDiff> {
  const folders = [];
  for (const model of models) folders.push(await write(model));
  return diffModels(origin, folders, { rank: 4 });
}

const verdictOf = ({ recommendations }: ModelDiff) => recommendations.map(({ verdict }) => verdict);

describe('diffModels', { timeout: 60_000 }, () => {
  it('finds that independent changes can be added, with both controls as they must be', async () => {
    const diff = await diffOf({ tensors: tensorsWith(independent('a')) }, { tensors: tensorsWith(independent('b')) });
    expect(verdictOf(diff)).toEqual(['arithmetic']);
    expect(diff.findings.filter(({ severity }) => severity === 'impossible')).toEqual([]);
    const [pair, negative, positive] = diff.matrices!.pairs;
    expect(Math.abs(pair.cosine!)).toBeLessThan(4 * pair.independentDeviation);
    expect(pair.signFlipDeviation! / pair.independentDeviation).toBeCloseTo(1, 0);
    expect(Math.abs(negative.cosine!)).toBeLessThan(4 * negative.independentDeviation);
    expect(Math.abs(positive.cosine! - Math.SQRT1_2)).toBeLessThan(0.02);
    expect(positive.left!.overlap).toBeGreaterThan(3 * positive.left!.random);
    expect(diff.matrices!.models[0].relative).toBeCloseTo(0.02, 3);
    // The norm did not change: neither its zeros nor its elements are in the figures of the matrices.
    expect(diff.total.models[0].frozen).toBeCloseTo(columns / (2 * rows * columns + columns), 9);
    expect(diff.matrices!.models[0].zero).toBeLessThan(0.001);
    expect(diff.cells.map(({ layer, module }) => [layer, module])).toEqual([
      [0, 'input norm'],
      [0, 'q'],
      [1, 'up'],
    ]);
  });

  it('finds the same change the same, and says that a sum has it twice', async () => {
    const diff = await diffOf({ tensors: tensorsWith(independent('a')) }, { tensors: tensorsWith(independent('a')) });
    const [pair] = diff.matrices!.pairs;
    expect(pair).toMatchObject({ signConflict: 0, weightedConflict: 0 });
    expect(pair.cosine).toBeCloseTo(1, 9);
    expect(pair.additivity).toBeCloseTo(1, 9);
    expect(pair.left!.overlap).toBeCloseTo(1, 6);
    expect(pair.right!.overlap).toBeCloseTo(1, 6);
    expect(diff.recommendations[0].advice.join(' ')).toContain('has it twice');
  });

  it('recommends to route between changes that oppose each other', async () => {
    const against: Change = (name) => {
      const other = independent('b')(name);
      return independent('a')(name).map((value, i) => -0.5 * value + 0.8 * other[i]);
    };
    const diff = await diffOf({ tensors: tensorsWith(independent('a')) }, { tensors: tensorsWith(against) });
    expect(verdictOf(diff)).toEqual(['route']);
    expect(diff.recommendations[0].reason).toMatch(/cosine \u22120\.5/);
    expect(diff.matrices!.pairs[0].leadingCosine).toBeLessThan(0);
  });

  it('recommends to route where a few strong directions oppose each other under independent noise', async () => {
    const strong = (sign: number, label: string): Change => {
      const [u, v] = [normals('u', 1), normals('v', 1)];
      return (name) =>
        independent(
          label,
          0.02,
        )(name).map((value, i) => value + sign * 0.008 * u[Math.floor(i / columns)] * v[i % columns]);
    };
    const diff = await diffOf({ tensors: tensorsWith(strong(1, 'a')) }, { tensors: tensorsWith(strong(-1, 'b')) });
    const leading = diff.recommendations[0].criteria.find(({ name }) => name === 'leading directions')!;
    expect(leading.says).toBe('against');
    expect(verdictOf(diff)).toEqual(['route']);
  });

  it('cannot tell from files that do not hold the update', async () => {
    const tiny = independent('a', 0.0008);
    const store = (change: Change): TestModel => ({ tensors: tensorsWith(change), dtype: 'bf16' });
    const [start, a, b] = [
      await write(store(() => new Float32Array(rows * columns))),
      await write(store(tiny)),
      await write(store(independent('b', 0.0008))),
    ];
    const stored = await diffModels(start, [a, b]);
    expect(stored.matrices!.models[0].zero).toBeGreaterThan(0.5);
    expect(verdictOf(stored)).toEqual(['cannot tell']);
    expect(stored.recommendations[0].reason).toContain('did not change');
    // In float32 the same change is there, and what bf16 would lose of it is what it lost.
    const kept = await diffOf({ tensors: tensorsWith(tiny) });
    expect(kept.matrices!.models[0].zero).toBeLessThan(0.001);
    expect(kept.matrices!.models[0].lost.bf16).toBeCloseTo(stored.matrices!.models[0].zero!, 2);
  });

  it('finds that a base is no ancestor', async () => {
    const stranger: Change = (name) => normals(`stranger ${name}`, 1).map((value, i) => value - base.get(name)![i]);
    const diff = await diffOf({ tensors: tensorsWith(independent('a')) }, { tensors: tensorsWith(stranger) });
    expect(diff.findings[0]).toMatchObject({ severity: 'impossible', model: 'B', field: 'distance from the base' });
    expect(diff.matrices!.models[1].relative).toBeCloseTo(Math.SQRT2, 1);
    expect(verdictOf(diff)).toEqual(['impossible']);
  });

  it('says when there is nothing to merge, and of one model only what it is', async () => {
    const diff = await diffOf({ tensors: tensorsWith() });
    expect(diff.findings.map(({ field }) => field)).toContain('distance from the base');
    expect(diff.pairs).toEqual([]);
    expect(diff.matrices!.models[0]).toMatchObject({ norm: 0, relative: 0, frozen: 1, zero: null, stableRank: null });
    expect(renderDiffReport(diff)).toContain('What A changed');
  });

  it('adds changes of different tensors', async () => {
    const only =
      (place: number, label: string): Change =>
      (name) =>
        name === names[place] ? independent(label)(name) : new Float32Array(rows * columns);
    const diff = await diffOf({ tensors: tensorsWith(only(0, 'a')) }, { tensors: tensorsWith(only(1, 'b')) });
    expect(diff.matrices!.pairs[0]).toMatchObject({ cosine: 0, nonzero: 0, signConflict: null });
    expect(verdictOf(diff)).toEqual(['arithmetic']);
  });

  it('is the same twice, and for any order of the same models', async () => {
    const [a, b] = [
      await write({ tensors: tensorsWith(independent('a')) }),
      await write({ tensors: tensorsWith(independent('b')) }),
    ];
    const [once, twice, turned] = [
      await diffModels(origin, [a, b]),
      await diffModels(origin, [a, b]),
      await diffModels(origin, [b, a]),
    ];
    expect(JSON.stringify(twice)).toBe(JSON.stringify(once));
    expect(turned.matrices!.pairs[0].cosine).toBeCloseTo(once.matrices!.pairs[0].cosine!, 12);
    expect(turned.matrices!.pairs[0].left!.overlap).toBeCloseTo(once.matrices!.pairs[0].left!.overlap, 9);
  });
});

describe('what stands in the way of a merge', { timeout: 60_000 }, () => {
  const changed = (): Record<string, TestTensor> => tensorsWith(independent('a'));

  it.each<[string, () => TestModel, RegExp]>([
    [
      'a missing tensor',
      () => ({ tensors: { [names[0]]: changed()[names[0]] } }),
      /no "model\.layers\.0\.input_layernorm\.weight", no "model\.layers\.1/,
    ],
    [
      'an extra tensor',
      () => ({ tensors: { ...changed(), 'lm_head.weight': { shape: [1], data: new Float32Array(1) } } }),
      /"lm_head\.weight" besides/,
    ],
    [
      'another shape',
      () => ({ tensors: { ...changed(), [norm]: { shape: [2], data: new Float32Array(2) } } }),
      /of \[2\] instead of \[96\]/,
    ],
    ['another architecture', () => ({ tensors: changed(), config: { model_type: 'qwen2' } }), /"qwen2"/],
  ])('%s', async (_, model, found) => {
    const diff = await diffOf(model(), { tensors: tensorsWith(independent('b')) });
    expect(diff.findings[0]).toMatchObject({ severity: 'impossible', model: 'A' });
    expect(diff.findings[0].found).toMatch(found);
    expect(verdictOf(diff)).toEqual(['impossible']);
  });

  it('integers: those of both are a caution, others than the base has are in the way, and neither is in a figure', async () => {
    const integers = async (): Promise<string> => {
      const model = await write({ tensors: changed() });
      const file = join(model, 'model.safetensors');
      const bytes = await readFile(file);
      // Four bytes each, as the floats were: only the header says otherwise.
      bytes.write('I32', bytes.indexOf('"F32"', bytes.indexOf(norm)) + 1);
      await writeFile(file, bytes);
      return model;
    };
    const findingsOf = async (base: string, model: string) => {
      const { findings, total } = await diffModels(base, [model], { rank: 0 });
      expect(total.tensors).toBe(2);
      return findings.filter(({ field }) => field === 'tensors').map(({ severity, found }) => `${severity}: ${found}`);
    };
    expect(await findingsOf(origin, await integers())).toEqual([
      `impossible: ${JSON.stringify(norm)} of i32 instead of f32`,
    ]);
    expect(await findingsOf(await integers(), await integers())).toEqual([`caution: ${JSON.stringify(norm)} of i32`]);
  });

  it('refuses pickled weights by their name, with the reason', async () => {
    const pickled = await write({ tensors: changed() });
    await rename(join(pickled, 'model.safetensors'), join(pickled, 'pytorch_model.bin'));
    for (const folders of [
      [origin, pickled],
      [pickled, origin],
    ] as const) {
      await expect(diffModels(folders[0], [folders[1]])).rejects.toThrow(
        /pytorch_model\.bin: found pickled weights, which can run any program/,
      );
    }
  });

  it('tokenizers: moved ids are in the way, added tokens a caution, the same ones nothing', async () => {
    const tokenizer = (vocab: Record<string, number>, added: readonly object[] = []) => ({
      model: { vocab, merges: [] },
      added_tokens: added,
    });
    const start = await write({ tensors: tensorsWith(), tokenizer: tokenizer({ a: 0, b: 1 }) });
    const severities = async (own: unknown) => {
      const model = await write({ tensors: changed(), tokenizer: own });
      const { findings } = await diffModels(start, [model], { rank: 0 });
      return findings.map(({ severity, field }) => `${severity} ${field}`);
    };
    expect(await severities(tokenizer({ a: 0, b: 1 }))).toEqual([]);
    expect(await severities(tokenizer({ a: 1, b: 0 }))).toEqual(['impossible tokenizer.json']);
    expect(await severities(tokenizer({ a: 0, b: 1 }, [{ id: 2, content: '<eot>' }]))).toEqual([
      'caution tokenizer.json',
    ]);
    expect(await severities({ ...tokenizer({ a: 0, b: 1 }), normalizer: { type: 'NFC' } })).toEqual([
      'caution tokenizer.json',
    ]);
    expect(await severities(undefined)).toEqual(['caution tokenizer.json']);
  });
});

describe('hostile input', { timeout: 60_000 }, () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s by tensor and element', async (value) => {
    const tensors = tensorsWith(independent('a'));
    tensors[names[1]].data[100] = value;
    await expect(diffOf({ tensors })).rejects.toThrow(InputError);
    await expect(diffOf({ tensors })).rejects.toThrow(`${JSON.stringify(names[1])}, element 100`);
  });

  it('refuses a truncated file, models without a common tensor, and too many of them', async () => {
    const cut = await write({ tensors: tensorsWith(independent('a')) });
    const weights = join(cut, 'model.safetensors');
    await truncate(weights, (await readFile(weights)).length - 5);
    await expect(diffModels(origin, [cut])).rejects.toThrow(InputError);
    await expect(diffOf({ tensors: { other: { shape: [2], data: new Float32Array(2) } } })).rejects.toThrow(
      /no float tensor that all have/,
    );
    await expect(
      diffModels(
        origin,
        Array.from({ length: 9 }, () => origin),
      ),
    ).rejects.toThrow(UsageError);
    await expect(diffModels(origin, [])).rejects.toThrow(UsageError);
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(diffModels(origin, [origin], { signal })).rejects.toThrow('enough');
  });

  it('escapes names on the page, which fetches and runs nothing', async () => {
    const evil = 'model.layers.0.<img src=x onerror=alert(1)>.weight';
    const tensor = (seed: string): Record<string, TestTensor> => ({
      [evil]: { shape: [rows, columns], data: normals(seed, 1) },
    });
    const start = await write({ tensors: tensor('one') });
    const models = [await write({ tensors: tensor('two') }), await write({ tensors: tensor('three') })];
    const page = renderDiffReport(await diffModels(start, models, { names: ['<b>base</b>', '"a"', "'b'"] }));
    expect(page).not.toMatch(/<img|<script|<b>base|src="http/);
    expect(page).toContain('&lt;b&gt;base');
    expect(page).toMatch(/title="layer 0, [^"]*: [^"]*"/);
    expect(page).toContain('not to be merged as they are');
  });
});
