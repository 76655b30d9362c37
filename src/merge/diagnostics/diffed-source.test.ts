/** LoRA folders in a comparison, beside models that the same adapters were merged into. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from '../../adapters/adapter.ts';
import { saveAdapter } from '../../adapters/peft/save-adapter.ts';
import { stream } from '../../random/stream.ts';
import { diffModels } from './diff-models.ts';
import { type TestTensor, writeModel } from './testing/write-model.ts';

const modules = ['model.layers.0.self_attn.q_proj', 'model.layers.1.mlp.up_proj'];
const untouched = 'model.layers.1.self_attn.q_proj';
const [rows, columns, rank, alpha] = [48, 96, 3, 6];

function normals(label: string, length: number, scale: number): Float32Array {
  const random = stream(5, 'diffed source', label);
  return Float32Array.from({ length }, () => scale * random.normal());
}

const adapterOf = (label: string, names = modules): Adapter => ({
  settings: { method: 'lora', r: rank, alpha, targetModules: 'all-linear', dropout: 0 },
  modules: new Map(
    names.map((name) => [
      name,
      { a: normals(`${label} ${name} a`, rank * columns, 0.02), b: normals(`${label} ${name} b`, rows * rank, 0.02) },
    ]),
  ),
});

const weights = new Map([...modules, untouched].map((name) => [name, normals(name, rows * columns, 1)]));

/** W + s B A, entry by entry. */
function merged(adapter: Adapter | undefined): Record<string, TestTensor> {
  const entries = [...weights].map(([name, base]): [string, TestTensor] => {
    const update = adapter?.modules.get(name);
    const data = base.map((value, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      let product = 0;
      if (update) for (let k = 0; k < rank; k++) product += update.b[row * rank + k] * update.a[k * columns + column];
      return value + (alpha / rank) * product;
    });
    return [`${name}.weight`, { shape: [rows, columns], data }];
  });
  return Object.fromEntries(entries);
}

let folder: string;
let base: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-diffed-'));
  base = await writeModel(folder, 'base', { tensors: merged(undefined) });
  for (const label of ['a', 'b']) {
    await saveAdapter(at(`lora-${label}`), adapterOf(label));
    await writeModel(folder, `merged-${label}`, { tensors: merged(adapterOf(label)) });
  }
  await saveAdapter(at('elsewhere'), adapterOf('c', ['model.layers.9.self_attn.q_proj']));
});

afterAll(() => rm(folder, { recursive: true }));

describe('a LoRA folder', () => {
  it('has the figures of the model that it was merged into', async () => {
    const [lora, whole] = await Promise.all(
      ['lora', 'merged'].map((kind) => diffModels(base, [at(`${kind}-a`), at(`${kind}-b`)], { rank: 4 })),
    );
    for (const [i, found] of lora.matrices!.models.entries()) {
      const expected = whole.matrices!.models[i];
      for (const figure of ['norm', 'relative', 'stableRank'] as const) {
        expect(found[figure]! / expected[figure]!, figure).toBeCloseTo(1, 4);
      }
      expect(found.frozen).toBe(expected.frozen);
    }
    const [found, expected] = [lora, whole].map(({ matrices }) => matrices!.pairs[0]);
    expect(found.cosine).toBeCloseTo(expected.cosine!, 5);
    expect(found.weightedConflict).toBeCloseTo(expected.weightedConflict!, 2);
    expect(found.left!.overlap).toBeCloseTo(expected.left!.overlap, 2);
    expect(lora.findings.filter(({ severity }) => severity === 'impossible')).toEqual([]);
  });

  it('may stand beside models with weights of their own, and is the same as what it was merged into', async () => {
    const { matrices } = await diffModels(base, [at('lora-a'), at('merged-a'), at('merged-b')], { rank: 0 });
    const [same, other] = matrices!.pairs;
    expect(same.cosine).toBeGreaterThan(0.9999);
    expect(Math.abs(other.cosine!)).toBeLessThan(0.1);
  });

  it('has no directions that rounding could have made: exactly the rank of its factors', async () => {
    const { tensors } = await diffModels(base, [at('lora-a')], { rank: 8 });
    const values = tensors.find(({ name }) => name === `${modules[0]}.weight`)!.spectra[0]!.values;
    expect(values[rank - 1]).toBeGreaterThan(0.1 * values[0]);
    expect(values[rank] ?? 0).toBeLessThan(1e-6 * values[0]);
  });

  it('of another base is refused', async () => {
    await expect(diffModels(base, [at('elsewhere')])).rejects.toThrow(/no such tensor in the model/);
  });
});
