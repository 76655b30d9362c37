/**
 * What is read of other people's files: sound ones, small, and how each is opened. Whatever becomes of one of them, opening
 * gives a model or a `FineryError`.
 */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAdapter } from '../../src/adapters/peft/read-adapter.ts';
import { openGgufModel } from '../../src/checkpoint/gguf/open-gguf-model.ts';
import { writtenModel } from '../../src/checkpoint/gguf/testing/written-model.ts';
import { openDequantized } from '../../src/checkpoint/quantized/dequantized-checkpoint.ts';
import { writeQuantizedFolder } from '../../src/checkpoint/quantized/testing/quantized-folder.ts';
import { inspectModel } from '../../src/cli/inspection.ts';
import { readSentenceModules } from '../../src/embed/sentence-modules.ts';
import type { JsonObject } from '../../src/files/json-file.ts';
import { loadEncoderDecoder } from '../../src/models/encoder-decoder-model.ts';
import { loadEncoder } from '../../src/models/encoder-model.ts';
import { loadModel, saveModel } from '../../src/models/model.ts';
import type { RandomStream } from '../../src/random/stream.ts';
import { loadChatTemplate } from '../../src/tokenizer/chat/chat-template.ts';
import { loadTokenizer } from '../../src/tokenizer/load.ts';
import { mutateBytes, mutateHeader, mutateJson } from './mutate.ts';

export interface Target {
  /** Names its cases. */
  readonly name: string;
  /** The file that is changed. */
  readonly path: string;
  mutate(sound: Buffer, random: RandomStream): Buffer;
  /** @throws FineryError for what cannot be opened */
  open(): Promise<unknown>;
}

const golden = 'test/golden';
const weights = 'model.safetensors';

/** A copy of a golden folder without what is expected of it. */
async function copied(from: string, to: string): Promise<string> {
  await cp(join(golden, from), to, { recursive: true, filter: (path) => !/expected[^/]*$/.test(path) });
  return to;
}

const json = (name: string, path: string, open: Target['open']): Target => ({
  name,
  path,
  mutate: (sound, random) => (random.below(4) === 0 ? mutateBytes(sound, random) : mutateJson(sound, random)),
  open,
});

const inspect = (path: string) => () => inspectModel(path, { weights: true });

async function ggufFiles(root: string): Promise<Target[]> {
  const targets: Target[] = [];
  for (const dtype of ['q8_0', 'f16'] as const) {
    const path = join(root, `${dtype}.gguf`);
    await writeFile(path, await writtenModel(root, { dtype }));
    const mutate = (sound: Buffer, random: RandomStream) => mutateBytes(sound, random, sound.length - 4096);
    const open = async () => (await openGgufModel(path)).close();
    targets.push({ name: dtype, path, mutate, open });
    targets.push({ name: `${dtype}, inspected`, path, mutate: mutateBytes, open: inspect(path) });
  }
  return targets;
}

const readers: Readonly<Record<string, (folder: string) => Promise<unknown>>> = {
  'decoders/llama': loadModel,
  'decoders/gemma3': loadModel,
  'decoders/gpt2': loadModel,
  'decoders/mixtral': loadModel,
  'decoders/phi3-long': loadModel,
  'decoders/llama-yarn': loadModel,
  'decoders/qwen': loadModel,
  'encoders/minilm': loadEncoder,
  'encoders/roberta-masked': loadEncoder,
  'encoder-decoders/t5': loadEncoderDecoder,
  'encoder-decoders/byt5': loadEncoderDecoder,
};

/** Calls for a copy of each model. */
async function ofModels(
  root: string,
  targetsOf: (name: string, folder: string, load: () => Promise<unknown>) => Target[],
): Promise<Target[]> {
  const targets: Target[] = [];
  for (const [name, load] of Object.entries(readers)) {
    const folder = await copied(name, join(root, name));
    targets.push(...targetsOf(name, folder, () => load(folder)));
  }
  return targets;
}

const configs = (root: string) =>
  ofModels(root, (name, folder, load) => {
    const path = join(folder, 'config.json');
    return [json(name, path, load), json(`${name}, inspected`, path, inspect(folder))];
  });

const tensorFiles = (root: string) =>
  ofModels(root, (name, folder, open) => [{ name, path: join(folder, weights), mutate: mutateHeader, open }]);

async function shardIndexes(root: string): Promise<Target[]> {
  const folder = join(root, 'sharded');
  await saveModel(folder, await loadModel(join(golden, 'decoders/smollm2')), { dtype: 'f32', shardBytes: 20_000 });
  const path = join(folder, `${weights}.index.json`);
  return [json('loaded', path, () => loadModel(folder)), json('inspected', path, inspect(folder))];
}

/** One layer in each form, of scripts/goldens/quantized_weights.py. */
async function quantizedFolders(root: string): Promise<Target[]> {
  const { cases } = JSON.parse(await readFile(join(golden, 'quantized-weights.json'), 'utf8')) as {
    readonly cases: Readonly<
      Record<
        string,
        {
          readonly quantization_config: JsonObject;
          readonly tensors: Readonly<Record<string, { dtype: string; shape: readonly number[]; data: string }>>;
        }
      >
    >;
  };
  const targets: Target[] = [];
  for (const [name, { quantization_config: settings, tensors }] of Object.entries(cases)) {
    const folder = join(root, name);
    const raw = Object.entries(tensors).map(([suffix, { data, ...rest }]) => {
      return [`model.layers.0.mlp.up_proj.${suffix}`, { ...rest, data: new Uint8Array(Buffer.from(data, 'base64')) }];
    });
    await writeQuantizedFolder(folder, { model_type: 'llama', quantization_config: settings }, Object.fromEntries(raw));
    const open = () => readAll(folder);
    targets.push(json(`${name}, settings`, join(folder, 'config.json'), open));
    targets.push({ name: `${name}, tensors`, path: join(folder, weights), mutate: mutateBytes, open });
  }
  return targets;
}

async function readAll(folder: string): Promise<void> {
  const checkpoint = await openDequantized(folder);
  try {
    for (const [tensor, { shape }] of checkpoint.tensors) {
      const count = shape.reduce((product, length) => product * length, 1);
      await checkpoint.readAllInto([[tensor, new Float32Array(count)]]);
    }
  } finally {
    await checkpoint.close();
  }
}

/** Byte-level and plain BPE, WordPiece, Unigram, and the bytes of ByT5. */
async function tokenizers(root: string): Promise<Target[]> {
  const [nano, minilm, e5, byt5] = ['nano', 'minilm', 'e5', 'byt5'].map((name) => join(root, name));
  await mkdir(nano);
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) await cp(join('assets/nano', file), join(nano, file));
  await copied('encoders/minilm', minilm);
  await copied('encoders/e5', e5);
  await copied('encoder-decoders/byt5', byt5);
  return [
    json('byte-level BPE', join(nano, 'tokenizer.json'), () => spell(nano)),
    json('settings of BPE', join(nano, 'tokenizer_config.json'), () => spell(nano)),
    json('WordPiece', join(minilm, 'tokenizer.json'), () => spell(minilm)),
    json('Unigram', join(e5, 'tokenizer.json'), () => spell(e5)),
    json('ByT5', join(byt5, 'tokenizer_config.json'), () => spell(byt5)),
  ];
}

const text = `Net income: €1,234.5m (2023)\n\tÅngström 𝄞 ﬁ \u0000 <s></s> ${'a'.repeat(200)}`;

async function spell(folder: string): Promise<void> {
  const tokenizer = await loadTokenizer(folder);
  const ids = tokenizer.encode(text);
  tokenizer.decode(ids);
  for (const id of ids.slice(0, 20)) tokenizer.tokenBytes(id);
}

async function chatTemplates(root: string): Promise<Target[]> {
  const path = join(root, 'tokenizer_config.json');
  await cp('assets/nano/tokenizer_config.json', path);
  return [json('of nano', path, () => renderChat(root))];
}

async function renderChat(folder: string): Promise<void> {
  const template = await loadChatTemplate(folder, { deadline: 1 });
  try {
    const messages = [{ role: 'user', content: 'What is EBIT?' }] as const;
    await template.render(messages, { template: template.names[0], addGenerationPrompt: true });
  } finally {
    await template.close();
  }
}

async function sentenceModules(root: string): Promise<Target[]> {
  const folder = await copied('encoders/minilm', join(root, 'minilm'));
  const files = ['modules.json', '1_Pooling/config.json', 'sentence_bert_config.json'];
  return files.map((file) => json(file, join(folder, file), () => readSentenceModules(folder)));
}

async function adapters(root: string): Promise<Target[]> {
  const folder = await copied('adapters/lora', join(root, 'lora'));
  const open = () => readAdapter(folder);
  return [
    json('settings', join(folder, 'adapter_config.json'), open),
    { name: 'tensors', path: join(folder, 'adapter_model.safetensors'), mutate: mutateHeader, open },
  ];
}

/** By what is read; each makes its files in an empty folder. */
export const hostileTargets: Readonly<Record<string, (root: string) => Promise<Target[]>>> = {
  GGUF: ggufFiles,
  safetensors: tensorFiles,
  'config.json': configs,
  'index of shards': shardIndexes,
  'quantised weights': quantizedFolders,
  tokenizer: tokenizers,
  'chat template': chatTemplates,
  'sentence-transformers': sentenceModules,
  adapter: adapters,
};
