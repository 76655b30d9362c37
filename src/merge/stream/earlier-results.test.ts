/** Merges that are interrupted, find other inputs when they go on, and have to end like merges of those inputs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { mergeModels } from '../merge-models.ts';
import { parseMergeRecipes } from '../recipe/read-merge-recipe.ts';
import { toyConfig, toyLlama, writeToyModel } from '../testing/toy-model.ts';

const toy = { layers: 3, hidden: 16, vocabulary: 37 };
const changedTensor = 'model.layers.1.mlp.down_proj.weight';

const root = await mkdtemp(join(tmpdir(), 'finery-resume-'));
let folder: string;
let runs = 0;

beforeEach(async () => {
  runs += 1;
  folder = join(root, String(runs));
  for (const [seed, name] of ['base', 'a', 'b'].entries()) {
    await writeToyModel(join(folder, name), toyLlama({ ...toy, seed }), { config: toyConfig(toy), dtype: 'bf16' });
  }
});

afterAll(() => rm(root, { recursive: true }));

interface Run {
  readonly compat?: 'mergekit' | 'paper';
  readonly out?: string;
  /** Called after every tensor that was merged, with their number. */
  readonly onTensor?: (merged: number) => void;
  readonly signal?: AbortSignal;
}

async function merge({ compat = 'mergekit', out = 'out', onTensor, signal }: Run = {}) {
  const model = (name: string, density: number) => ({ model: name, parameters: { weight: 0.5, density } });
  const models = [model('a', 0.5), model('b', 0.4)];
  const document = { merge_method: 'ties', base_model: 'base', compat, models };
  const [recipe] = parseMergeRecipes(JSON.stringify(document), 'test.yaml');
  let merged = 0;
  return mergeModels(recipe, join(folder, out), {
    threads: 0,
    sync: false,
    signal,
    resolve: async (name) => join(folder, name),
    onProgress: ({ phase }) => {
      if (phase === 'merge') onTensor?.(++merged);
    },
  });
}

/** Stops after so many tensors. */
async function interrupt(tensors: number, options: Run = {}): Promise<void> {
  const stop = new AbortController();
  const onTensor = (merged: number): void => {
    if (merged === tensors) stop.abort(new Error('stopped'));
  };
  await expect(merge({ ...options, onTensor, signal: stop.signal })).rejects.toThrow('stopped');
}

const weightsOf = (model: string): string => join(folder, model, 'model.safetensors');

/** Turns the sign of one element of one tensor, in place: nothing else of the file differs. */
function changeOneElement(model: string): void {
  const bytes = readFileSync(weightsOf(model));
  const header = Number(bytes.readBigUInt64LE());
  const { [changedTensor]: entry } = JSON.parse(bytes.toString('utf8', 8, 8 + header));
  bytes[8 + header + entry.data_offsets[0] + 1] ^= 0x80;
  writeFileSync(weightsOf(model), bytes);
}

/** The interrupted merge, gone on with, against one that starts with what is there now. */
async function expectSameAsAnew(options: Run = {}): Promise<number> {
  const { resumed } = await merge(options);
  await merge({ ...options, out: 'anew' });
  for (const name of ['model.safetensors', 'finery-merge.json']) {
    const [found, expected] = await Promise.all(['out', 'anew'].map((out) => readFile(join(folder, out, name))));
    expect(found.equals(expected), name).toBe(true);
  }
  return resumed;
}

const tensorCount = Object.keys(toyLlama(toy)).length;

describe('an interrupted merge', () => {
  it('keeps what it has when its inputs are the same files', async () => {
    await interrupt(8);
    expect(await expectSameAsAnew()).toBe(8);
  });

  it('keeps what it has when its inputs are other files of the same content', async () => {
    await interrupt(8);
    await cp(weightsOf('a'), join(folder, 'copy'));
    await rename(join(folder, 'copy'), weightsOf('a'));
    expect(await expectSameAsAnew()).toBe(8);
  });

  it.each(['base', 'b'])('merges anew what one changed element of %s belongs to, and nothing else', async (model) => {
    await interrupt(tensorCount - 1);
    changeOneElement(model);
    expect(await expectSameAsAnew()).toBe(tensorCount - 2);
  });

  it('starts anew when counts over the whole model have changed', async () => {
    const options = { compat: 'paper' } as const;
    await interrupt(8, options);
    changeOneElement('a');
    // One element of one tensor, but the threshold is the whole model's.
    expect(await expectSameAsAnew(options)).toBe(0);
  });

  it('ends with an error where somebody writes to an input meanwhile, and is right when it goes on', async () => {
    const onTensor = (merged: number): void => {
      if (merged === tensorCount - 1) changeOneElement('a');
    };
    await expect(merge({ onTensor })).rejects.toThrow(
      /a\/model\.safetensors: found a change while it was being merged/,
    );
    expect(await expectSameAsAnew()).toBe(tensorCount - 1);
  });
});
