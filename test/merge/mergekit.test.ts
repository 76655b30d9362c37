/**
 * Merges by mergekit's own recipes against merges by mergekit itself (scripts/goldens/merging.py), in float32: bit for bit, or
 * at most four steps of the largest term apart where mergekit rounds sums over a whole tensor to float32.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/checkpoint/huggingface/open-checkpoint.ts';
import { mergeModels } from '../../src/merge/merge-models.ts';
import { parseMergeRecipes } from '../../src/merge/recipe/read-merge-recipe.ts';
import { type ToyTensors, writeToyModel } from '../../src/merge/testing/toy-model.ts';

interface Golden {
  readonly config: Readonly<Record<string, unknown>>;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly models: Readonly<Record<string, Encoded>>;
  readonly merges: Readonly<Record<string, { readonly recipe: unknown; readonly tensors: Encoded }>>;
}

/** Base64 of little-endian float32, by tensor. */
type Encoded = Readonly<Record<string, string>>;

const path = new URL('../golden/merging.json', import.meta.url);
const golden = JSON.parse(await readFile(path, 'utf8')) as Readonly<Record<'tied' | 'untied', Golden>>;
const cases = Object.entries(golden).flatMap(([kind, { merges }]) =>
  Object.keys(merges).map((method) => [method, kind] as const),
);

/** Angles, lengths and shares that mergekit computes in float32 and we in float64: every entry shows the difference. */
const scalarsInFloat32: ReadonlySet<string> = new Set([
  'slerp',
  'nuslerp',
  'multislerp',
  'karcher',
  'model_stock',
  'sce',
]);

function decode(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-mergekit-'));
  for (const [kind, { config, shapes, models }] of Object.entries(golden)) {
    for (const [name, encoded] of Object.entries(models)) {
      const tensors: ToyTensors = Object.fromEntries(
        Object.entries(encoded).map(([tensor, text]) => [tensor, { shape: shapes[tensor], values: decode(text) }]),
      );
      await writeToyModel(join(folder, kind, name), tensors, { config });
    }
  }
});

afterAll(() => rm(folder, { recursive: true }));

describe('the same recipe in mergekit and here', () => {
  it.each(cases)('%s, %s', async (method, kind) => {
    const { recipe, tensors } = golden[kind as 'tied' | 'untied'].merges[method];
    const text = JSON.stringify(recipe).replace(/"(base|a|b|c)"/g, (_, name: string) =>
      JSON.stringify(join(folder, kind, name)),
    );
    const out = join(folder, kind, `out-${method}`);
    await mergeModels(parseMergeRecipes(text, method)[0], out, { threads: 0, sync: false });
    const merged = await openCheckpoint(out);
    try {
      expect([...merged.tensors.keys()].sort()).toEqual(Object.keys(tensors).sort());
      for (const [name, encoded] of Object.entries(tensors)) {
        const expected = decode(encoded);
        const values = await merged.readRange(name, 0, expected.length);
        const terms = Object.values(golden[kind as 'tied' | 'untied'].models).map((model) =>
          decode(model[name] ?? encoded),
        );
        const steps = expected.map((value, i) => {
          const largest = Math.max(...terms.map((term) => Math.abs(term[i])), Math.abs(value));
          return Math.abs(values[i] - value) / 2 ** (Math.floor(Math.log2(largest)) - 23);
        });
        expect(Math.max(...steps), name).toBeLessThanOrEqual(scalarsInFloat32.has(method) ? 4 : 0);
      }
    } finally {
      await merged.close();
    }
  });
});
