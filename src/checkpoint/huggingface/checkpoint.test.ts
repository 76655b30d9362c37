import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../../errors.ts';
import { Arena } from '../../kernels/arena.ts';
import { writeSafetensors } from '../safetensors/write.ts';
import { openCheckpoint } from './open-checkpoint.ts';
import { type CheckpointToSave, saveCheckpoint } from './save-checkpoint.ts';

let root: string;
let folder: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-checkpoint-'));
  folder = join(root, 'model');
});

afterEach(() => rm(root, { recursive: true }));

const tensors = [
  { name: 'model.embed_tokens.weight', shape: [4, 3], data: Float32Array.from({ length: 12 }, (_, i) => i / 4) },
  { name: 'model.layers.0.mlp.up_proj.weight', shape: [2, 3], data: Float32Array.of(1, -2, 3, -4, 5, -6) },
  { name: 'model.norm.weight', shape: [3], data: Float32Array.of(1, 0.5, 0.25) },
];

const small: CheckpointToSave = {
  config: { model_type: 'llama', hidden_size: 3 },
  tensors,
  dtype: 'bf16',
  generationConfig: { eos_token_id: 2 },
  tokenizerFiles: { 'tokenizer.json': '{}', 'tokenizer_config.json': '{"a":1}', 'special_tokens_map.json': '{}' },
};

const sharded: CheckpointToSave = { ...small, dtype: 'f32', shardBytes: 40 };

async function editIndex(
  edit: (index: { metadata: Record<string, unknown>; weight_map: Record<string, unknown> }) => void,
): Promise<void> {
  const path = join(folder, 'model.safetensors.index.json');
  const index = JSON.parse(await readFile(path, 'utf8'));
  edit(index);
  await writeFile(path, JSON.stringify(index));
}

describe('saveCheckpoint', () => {
  it('writes a folder that openCheckpoint reads back', async () => {
    await saveCheckpoint(folder, small);
    expect((await readdir(folder)).sort()).toEqual([
      'config.json',
      'finery-manifest.json',
      'generation_config.json',
      'model.safetensors',
      'special_tokens_map.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.config).toEqual({
      model_type: 'llama',
      hidden_size: 3,
      dtype: 'bfloat16',
      torch_dtype: 'bfloat16',
    });
    expect(new Set(checkpoint.tensors.keys())).toEqual(new Set(tensors.map(({ name }) => name)));
    for (const { name, shape, data } of tensors) {
      expect(checkpoint.tensors.get(name)).toMatchObject({ dtype: 'bf16', shape });
      expect(await checkpoint.readRange(name, 0, data.length)).toEqual(data);
    }
    await checkpoint.close();
    expect(await readdir(root)).toEqual(['model']);
  });

  it('splits into shards of bounded size, with an index', async () => {
    await saveCheckpoint(folder, sharded);
    const index = JSON.parse(await readFile(join(folder, 'model.safetensors.index.json'), 'utf8'));
    expect(index).toEqual({
      metadata: { total_size: 84 },
      weight_map: {
        'model.embed_tokens.weight': 'model-00001-of-00002.safetensors',
        'model.layers.0.mlp.up_proj.weight': 'model-00002-of-00002.safetensors',
        'model.norm.weight': 'model-00002-of-00002.safetensors',
      },
    });
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.warnings).toEqual([]);
    const targets = tensors.map(({ name, data }) => [name, new Float32Array(data.length)] as const);
    await checkpoint.readAllInto(targets);
    expect(targets.map(([, target]) => target)).toEqual(tensors.map(({ data }) => data));
    await checkpoint.close();
  });

  it('gives the same bytes for the same input', async () => {
    await saveCheckpoint(folder, sharded);
    await saveCheckpoint(join(root, 'again'), sharded);
    for (const name of await readdir(folder)) {
      expect(await readFile(join(root, 'again', name))).toEqual(await readFile(join(folder, name)));
    }
  });

  it.each([
    [Number.NaN, 'f32'],
    [Number.NEGATIVE_INFINITY, 'bf16'],
    [65_520, 'f16'],
    [3.4e38, 'bf16'],
  ] as const)('names the tensor that holds %d, which %s cannot', async (value, dtype) => {
    const bad = Float32Array.of(1, value, 2);
    const inArena = new Arena(4096).allocate(3);
    inArena.set(bad);
    for (const data of [bad, inArena]) {
      const attempt = saveCheckpoint(folder, { ...small, dtype, tensors: [{ name: 'w', shape: [3], data }] });
      await expect(attempt).rejects.toThrow(/tensor "w", element 1/);
    }
    expect(await readdir(root)).toEqual([]);
  });

  it('writes large finite weights, and bad ones when told not to check', async () => {
    const data = new Arena(4096).allocate(3);
    data.set([3.3e38, 3.3e38, 3.3e38]);
    await saveCheckpoint(folder, { ...small, tensors: [{ name: 'w', shape: [3], data }] });
    const nan = [{ name: 'w', shape: [1], data: Float32Array.of(Number.NaN) }];
    await saveCheckpoint(folder, { ...small, tensors: nan, checkWeights: false, replace: true });
    const checkpoint = await openCheckpoint(folder);
    expect(await checkpoint.readRange('w', 0, 1)).toEqual(Float32Array.of(Number.NaN));
    await checkpoint.close();
  });

  it.each(['../evil', 'a/b', '.hidden', 'config.json', 'model.safetensors', ''])(
    'refuses a tokenizer file named %j',
    async (name) => {
      await expect(saveCheckpoint(folder, { ...small, tokenizerFiles: { [name]: 'x' } })).rejects.toThrow(UsageError);
      expect(await readdir(root)).toEqual([]);
    },
  );

  it('refuses an existing folder and a tensor given twice, even across shards', async () => {
    await saveCheckpoint(folder, small);
    await expect(saveCheckpoint(folder, small)).rejects.toThrow(UsageError);
    const twice = { ...sharded, tensors: [...tensors, tensors[0]] };
    await expect(saveCheckpoint(join(root, 'twice'), twice)).rejects.toThrow(/second tensor of this name/);
    expect(await readdir(root)).toEqual(['model']);
  });
});

describe('openCheckpoint', () => {
  it('says what is missing', async () => {
    await mkdir(folder);
    await expect(openCheckpoint(folder)).rejects.toThrow(/config.json: found no such file/);
    await writeFile(join(folder, 'adapter_config.json'), '{}');
    await expect(openCheckpoint(folder)).rejects.toThrow(/an adapter of PEFT .* --adapter FOLDER/);
    await writeFile(join(folder, 'config.json'), '[]');
    await expect(openCheckpoint(folder)).rejects.toThrow(/found a list, expected a JSON object/);
    await writeFile(join(folder, 'config.json'), '{}');
    await expect(openCheckpoint(folder)).rejects.toThrow(/neither model.safetensors nor/);
  });

  it('asks for a folder where a file is named', async () => {
    for (const name of ['model.gguf', 'config.txt']) await writeFile(join(root, name), '');
    await expect(openCheckpoint(join(root, 'model.gguf'))).rejects.toThrow(
      /model.gguf: found a GGUF file, expected a Hugging Face folder.*finery export .*model.gguf --to hf/,
    );
    await expect(openCheckpoint(join(root, 'config.txt'))).rejects.toThrow(
      /found a file, expected a Hugging Face folder/,
    );
  });

  it('names an unknown tensor', async () => {
    await saveCheckpoint(folder, small);
    const checkpoint = await openCheckpoint(folder);
    await expect(checkpoint.readInto('lm_head.weight', new Float32Array(1))).rejects.toThrow(
      /no tensor "lm_head.weight"/,
    );
    await checkpoint.close();
  });

  it('refuses a missing shard', async () => {
    await saveCheckpoint(folder, sharded);
    await rm(join(folder, 'model-00002-of-00002.safetensors'));
    await expect(openCheckpoint(folder)).rejects.toThrow(/model-00002-of-00002.safetensors: found no such file/);
  });

  it('refuses a tensor that its shard lacks', async () => {
    await saveCheckpoint(folder, sharded);
    await editIndex((index) => {
      index.weight_map['lm_head.weight'] = 'model-00001-of-00002.safetensors';
    });
    await expect(openCheckpoint(folder)).rejects.toThrow(/"lm_head.weight": found no such tensor in model-00001/);
  });

  it('refuses a tensor that is in two shards', async () => {
    await saveCheckpoint(folder, sharded);
    await writeSafetensors(
      join(folder, 'model-00002-of-00002.safetensors'),
      tensors.map((tensor) => ({ ...tensor, dtype: 'f32' as const })),
    );
    await expect(openCheckpoint(folder)).rejects.toThrow(/found it in model-00002-of-00002.safetensors too/);
  });

  it.each(['../outside.safetensors', '/etc/passwd', 'link.safetensors'])('refuses a shard at %s', async (name) => {
    await saveCheckpoint(folder, sharded);
    await rename(join(folder, 'model-00002-of-00002.safetensors'), join(root, 'outside.safetensors'));
    await symlink(join(root, 'outside.safetensors'), join(folder, 'link.safetensors'));
    await editIndex((index) => {
      for (const tensor of ['model.layers.0.mlp.up_proj.weight', 'model.norm.weight']) index.weight_map[tensor] = name;
    });
    await expect(openCheckpoint(folder)).rejects.toThrow(/expected a relative path that stays in this folder/);
  });

  it.each([
    ['no weight map', (index: Record<string, unknown>) => delete index.weight_map],
    ['a weight map of numbers', (index: Record<string, unknown>) => Object.assign(index, { weight_map: { a: 1 } })],
    [
      'a broken total size',
      (index: Record<string, unknown>) => Object.assign(index, { metadata: { total_size: '84' } }),
    ],
  ])('refuses an index with %s', async (_, edit) => {
    await saveCheckpoint(folder, sharded);
    await editIndex(edit as never);
    await expect(openCheckpoint(folder)).rejects.toThrow(InputError);
  });

  it('warns of a wrong total size and of tensors that are not listed', async () => {
    await saveCheckpoint(folder, sharded);
    await editIndex((index) => {
      delete index.weight_map['model.norm.weight'];
    });
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.warnings).toEqual([
      expect.stringMatching(/"model.norm.weight" of model-00002-of-00002.safetensors is not listed/),
      expect.stringMatching(/total_size is 84, the tensors have 72 bytes/),
    ]);
    expect(checkpoint.tensors.has('model.norm.weight')).toBe(false);
    await checkpoint.close();
  });

  it('follows the links of a hub cache, and no others', async () => {
    const repository = join(root, 'models--finery--nano');
    const snapshot = join(repository, 'snapshots', '0123abcd');
    const blobs = join(repository, 'blobs');
    await saveCheckpoint(folder, small);
    await mkdir(snapshot, { recursive: true });
    await rename(folder, blobs);
    for (const name of ['config.json', 'model.safetensors'])
      await symlink(join('..', '..', 'blobs', name), join(snapshot, name));
    await (await openCheckpoint(snapshot)).close();
    await rename(join(blobs, 'config.json'), join(root, 'config.json'));
    await symlink(join(root, 'config.json'), join(blobs, 'config.json'));
    await expect(openCheckpoint(snapshot)).rejects.toThrow(/stays in this folder/);
  });
});
