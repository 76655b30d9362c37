import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../../errors.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { relativeError } from '../../tensor/testing/differences.ts';
import { tokenizerOf } from '../../tokenizer/load.ts';
import type { GgufDtype } from './choose-type.ts';
import { decoderForm } from './decoder-form.ts';
import { type GgufModel, openGgufModel } from './open-gguf-model.ts';
import { openGguf } from './read.ts';
import { halvesToPairs } from './rotary-rows.ts';
import { saveGgufModel } from './save-gguf-model.ts';
import { pair, rawGguf, tensor, text, u32, u64 } from './testing/raw-gguf.ts';
import { smallConfig, smallTokenizer, smallWeights } from './testing/written-model.ts';
import { preTokenizers } from './tokenizer/pre-tokenizers.ts';
import { writeGguf } from './write.ts';

const golden = JSON.parse(readFileSync(new URL('../../../test/golden/gguf.json', import.meta.url), 'utf8')).file;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-gguf-'));
});
afterAll(() => rm(root, { recursive: true }));

const untiedQwen2: JsonObject = {
  ...smallConfig,
  model_type: 'qwen2',
  architectures: ['Qwen2ForCausalLM'],
  head_dim: 32,
  rope_theta: 1_000_000,
};

/** Architectures whose form in the file differs more. */
const others: Readonly<Record<string, JsonObject>> = {
  qwen3: { ...smallConfig, model_type: 'qwen3', architectures: ['Qwen3ForCausalLM'], head_dim: 32 },
  olmo2: { ...smallConfig, model_type: 'olmo2', architectures: ['Olmo2ForCausalLM'] },
  'phi3, a window and a part of each head rotated': {
    ...smallConfig,
    model_type: 'phi3',
    architectures: ['Phi3ForCausalLM'],
    sliding_window: 50,
    partial_rotary_factor: 0.5,
  },
  'phi3, long-rope': {
    ...smallConfig,
    model_type: 'phi3',
    architectures: ['Phi3ForCausalLM'],
    original_max_position_embeddings: 32,
    rope_scaling: {
      type: 'longrope',
      short_factor: [1, 1, 1.5, 1.5, 2, 2, 2.5, 2.5],
      long_factor: [1, 2, 3, 4, 5, 6, 7, 8],
      attention_factor: 1.1875,
    },
  },
  gemma2: gemma('gemma2', 'Gemma2ForCausalLM', { attn_logit_softcapping: 50, final_logit_softcapping: 30 }),
  gemma3: gemma('gemma3_text', 'Gemma3ForCausalLM', {
    num_hidden_layers: 7,
    rope_theta: 1_000_000,
    rope_local_base_freq: 5000,
    rope_scaling: { rope_type: 'linear', factor: 8 },
    final_logit_softcapping: null,
  }),
  gpt2: {
    model_type: 'gpt2',
    architectures: ['GPT2LMHeadModel'],
    n_embd: 64,
    n_inner: 96,
    n_layer: 2,
    n_head: 4,
    n_positions: 128,
    vocab_size: 272,
    layer_norm_epsilon: 0.00001,
    tie_word_embeddings: true,
  },
  qwen: {
    model_type: 'qwen',
    architectures: ['QWenLMHeadModel'],
    hidden_size: 64,
    intermediate_size: 192,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    kv_channels: 16,
    vocab_size: 272,
    seq_length: 128,
    layer_norm_epsilon: 0.000001,
    rotary_emb_base: 10_000,
  },
};

/** Layers enough that not all get as many bits. */
const sparse: JsonObject = {
  ...smallConfig,
  model_type: 'mixtral',
  architectures: ['MixtralForCausalLM'],
  num_hidden_layers: 3,
  num_local_experts: 3,
  num_experts_per_tok: 2,
};

function gemma(type: string, className: string, fields: JsonObject): JsonObject {
  return {
    ...smallConfig,
    model_type: type,
    architectures: [className],
    head_dim: 32,
    query_pre_attn_scalar: 32,
    sliding_window: 24,
    tie_word_embeddings: true,
    ...fields,
  };
}

async function withModel<T>(config: JsonObject, work: (model: GgufModel, path: string) => Promise<T>, options = {}) {
  const path = join(root, 'model.gguf');
  await rm(path, { force: true });
  const tensors = smallWeights(config);
  await saveGgufModel(path, { config, tensors, tokenizer: smallTokenizer(), dtype: 'f32', ...options });
  const model = await openGgufModel(path);
  try {
    return await work(model, path);
  } finally {
    await model.close();
  }
}

describe('openGguf', () => {
  it("reads a file of llama.cpp's own writer", async () => {
    const path = join(root, 'golden.gguf');
    await writeFile(path, Buffer.from(golden.base64, 'base64'));
    const file = await openGguf(path);
    expect(Object.fromEntries(file.metadata)).toEqual({
      'general.architecture': 'llama',
      'a.u8': 255,
      'a.i8': -128,
      'a.u16': 65535,
      'a.i16': -32768,
      'a.u32': 2 ** 32 - 1,
      'a.i32': -(2 ** 31),
      'a.f32': Math.fround(0.1),
      'a.bool': true,
      'a.string': 'Größe €',
      'a.strings': ['', 'Ġthe', 'x'],
      'a.numbers': [1, -2, 3],
      'a.u64': 2 ** 53 - 1,
      'a.i64': -(2 ** 53),
      'a.f64': 0.1,
    });
    expect([...file.tensors].map(([name, { type, shape }]) => [name, type, shape])).toEqual([
      ['vector', 'F32', [5]],
      ['matrix', 'Q8_0', [3, 64]],
      ['cube', 'F16', [2, 3, 4]],
    ]);
    const read = async (name: string, length: number) => {
      const target = new Float32Array(length);
      await file.readInto(name, target);
      return target;
    };
    expect(await read('vector', 5)).toEqual(Float32Array.of(0, 1, 2, 3, 4));
    expect(await read('cube', 24)).toEqual(Float32Array.from({ length: 24 }, (_, i) => i));
    expect(await read('matrix', 192)).toEqual(
      new Float32Array(Uint8Array.from(Buffer.from(golden.matrix, 'base64')).buffer),
    );
    await file.close();
  });
});

describe('a model that was written', () => {
  it.each([
    ['llama, grouped queries, untied', smallConfig],
    ['llama, tied', { ...smallConfig, tie_word_embeddings: true }],
    ['llama with biases', { ...smallConfig, attention_bias: true, mlp_bias: true }],
    ['llama, heads apart from hidden size', { ...smallConfig, head_dim: 32 }],
    ['llama, linear scaling', { ...smallConfig, rope_scaling: { rope_type: 'linear', factor: 2.5 } }],
    [
      'llama 3.1',
      {
        ...smallConfig,
        rope_theta: 500_000,
        rope_scaling: {
          rope_type: 'llama3',
          factor: 8,
          low_freq_factor: 1,
          high_freq_factor: 4,
          original_max_position_embeddings: 8192,
        },
      },
    ],
    ['qwen2', untiedQwen2],
    ['mixtral', sparse],
    ...Object.entries(others),
  ] as const)('comes back as it was: %s', async (_, config) => {
    await withModel(config, async (model) => {
      expect(model.config).toMatchObject(config);
      const tensors = smallWeights(config);
      expect(new Set(model.tensors.keys())).toEqual(new Set(tensors.map(({ name }) => name)));
      const targets = tensors.map(({ name, data }) => [name, new Float32Array(data.length)] as const);
      await model.readAllInto(targets);
      for (const [i, { name, data, shape }] of tensors.entries()) {
        expect(model.tensors.get(name)!.shape).toEqual(shape);
        // 1 is added to Gemma's norms in the file, and taken off again, each time with a rounding.
        const most = String(model.config.model_type).startsWith('gemma') && name.endsWith('norm.weight') ? 2e-7 : 0;
        const worst = targets[i][1].reduce((sum, value, k) => Math.max(sum, Math.abs(value - data[k])), 0);
        expect(worst, name).toBeLessThanOrEqual(most);
      }
      expect(model.report.permuted.length > 0).toBe(/llama|mixtral/.test(String(model.config.model_type)));
      expect(model.report.tied).toBe(model.config.tie_word_embeddings);
    });
  });

  it("has llama's query rows in pairs inside the file, qwen2's as they are", async () => {
    for (const config of [smallConfig, untiedQwen2]) {
      await withModel(config, async (_, path) => {
        const name = 'model.layers.1.self_attn.k_proj.weight';
        const { data, shape } = smallWeights(config).find((tensor) => tensor.name === name)!;
        const file = await openGguf(path);
        const stored = new Float32Array(data.length);
        await file.readInto('blk.1.attn_k.weight', stored);
        await file.close();
        expect(stored).toEqual(config === smallConfig ? halvesToPairs(data, shape[0], 2) : data);
      });
    }
    // Row j + s * d/2 of a head of width d = 4 goes to 2j + s.
    expect(halvesToPairs(Float32Array.of(0, 1, 2, 3, 10, 11, 12, 13), 8, 2)).toEqual(
      Float32Array.of(0, 2, 1, 3, 10, 12, 11, 13),
    );
  });

  it('has the experts of a layer in one tensor, each with blocks of its own, and the router in float32', async () => {
    const tensors = smallWeights(sparse);
    const written = (dtype: GgufDtype) =>
      withModel(
        sparse,
        async (model, path) => {
          const name = 'model.layers.1.block_sparse_moe.experts.2.w2.weight';
          const { data, shape } = tensors.find((tensor) => tensor.name === name)!;
          const read = new Float32Array(data.length);
          await model.readAllInto([[name, read]]);
          const file = await openGguf(path);
          const typeOf = (inFile: string) => file.tensors.get(inFile)?.type;
          const stack = file.tensors.get('blk.1.ffn_down_exps.weight')!;
          const whole = new Float32Array(3 * data.length);
          await file.readInto('blk.1.ffn_down_exps.weight', whole);
          await file.close();
          expect(stack.shape).toEqual([3, ...shape]);
          expect(read).toEqual(whole.subarray(2 * data.length));
          expect(typeOf('blk.1.ffn_gate_inp.weight')).toBe('F32');
          return { type: stack.type, gates: typeOf('blk.1.ffn_gate_exps.weight'), error: relativeError(read, data) };
        },
        { dtype },
      );
    expect(await written('f32')).toEqual({ type: 'F32', gates: 'F32', error: 0 });
    const { error, ...types } = await written('q8_0');
    expect(types).toEqual({ type: 'Q8_0', gates: 'Q8_0' });
    expect(error).toBeGreaterThan(0.001);
    expect(error).toBeLessThan(0.01);
  });

  it('may have a tensor for each expert', async () => {
    const path = join(root, 'apart.gguf');
    const { names, metadata, conversionOf } = decoderForm(sparse);
    const tensors = smallWeights(sparse);
    const apart = tensors.map(({ name, shape, data }) => {
      const inFile = names.toGguf(name)!;
      const values = conversionOf(inFile, name, shape)?.convert(data) ?? data;
      return { name: inFile, shape, type: 'F32', parts: [() => values] } as const;
    });
    const architecture = { type: 'string', value: 'llama' } as const;
    await writeGguf(path, { 'general.architecture': architecture, ...metadata }, apart);
    const model = await openGgufModel(path);
    expect(model.config.model_type).toBe('mixtral');
    expect(model.report.mapped.get('blk.0.ffn_up.1.weight')).toBe(
      'model.layers.0.block_sparse_moe.experts.1.w3.weight',
    );
    for (const { name, data } of tensors) {
      const read = new Float32Array(data.length);
      await model.readAllInto([[name, read]]);
      expect(read, name).toEqual(data);
    }
    await model.close();
  });

  it("has 1 added to the weights of Gemma's norms inside the file, and of no others'", async () => {
    for (const [name, one] of [
      ['gemma2', 1],
      ['qwen3', 0],
    ] as const) {
      await withModel(others[name], async (_, path) => {
        const { data } = smallWeights(others[name]).find((tensor) => tensor.name === 'model.norm.weight')!;
        const file = await openGguf(path);
        const stored = new Float32Array(data.length);
        await file.readInto('output_norm.weight', stored);
        await file.close();
        expect(stored).toEqual(data.map((value) => value + one));
      });
    }
  });

  it.each([
    ['YaRN', 'llama', { rope_scaling: { rope_type: 'yarn', factor: 2 } }, /rope_scaling: found type "yarn"/],
    ['part of a head rotated', 'llama', { partial_rotary_factor: 0.5 }, /8 of 16 channels/],
    ['queries of another width', 'phi3', { head_dim: 32 }, /queries of 128, expected 64/],
    ['queries scaled otherwise', 'gemma2', { head_dim: 32 }, /query_pre_attn_scalar: found 256/],
    ['a window in every layer', 'gemma2', { layer_types: Array(2).fill('sliding_attention') }, /layer_types.1/],
  ])('is not written with %s, which llama.cpp would compute otherwise', async (_, type, fields, message) => {
    const own = type === 'gemma2' && !('head_dim' in fields) ? { head_dim: 32, query_pre_attn_scalar: 32 } : {};
    const config = { ...smallConfig, model_type: type, ...own, ...fields };
    await expect(withModel(config, async () => {})).rejects.toThrow(UsageError);
    await expect(withModel(config, async () => {})).rejects.toThrow(message);
  });

  it('has its tokenizer: ids, control tokens, template and roles', async () => {
    await withModel({ ...smallConfig, eos_token_id: [260, 261] }, async ({ config, tokenizerFiles }) => {
      const [ours, theirs] = [smallTokenizer(), tokenizerOf(tokenizerFiles!)];
      const sample = "The 12 others'll <think> rise\n\n  by 1,234.5% €<|im_end|>";
      for (const allowSpecial of [true, false]) {
        expect(theirs.encode(sample, { allowSpecial })).toEqual(ours.encode(sample, { allowSpecial }));
      }
      expect(theirs.vocabSize).toBe(ours.vocabSize);
      expect(theirs.eosId).toBe(260);
      expect([...theirs.specialIds].sort()).toEqual([...ours.specialIds].sort());
      expect(config.eos_token_id).toEqual([260, 261]);
      const read = JSON.parse(new TextDecoder().decode(tokenizerFiles!.at(-1)!.bytes));
      expect(read.chat_template).toBe("{{ messages[0].content + '<|im_end|>' }}");
    });
  });

  it('is refused in types that cannot hold it, where it may not be written, and with foreign parts', async () => {
    const path = join(root, 'refused.gguf');
    const tensors = smallWeights(smallConfig);
    const model = { config: smallConfig, tensors, tokenizer: smallTokenizer(), dtype: 'f16' } as const;
    const large = tensors.map((one, i) => (i === 3 ? { ...one, data: one.data.map(() => 70_000) } : one));
    await expect(saveGgufModel(path, { ...model, tensors: large })).rejects.toThrow(/a number that f16 can hold/);
    await expect(saveGgufModel(path, { ...model, config: { ...smallConfig, model_type: 'mamba' } })).rejects.toThrow(
      UsageError,
    );
    await writeFile(path, 'mine');
    await expect(saveGgufModel(path, model)).rejects.toThrow(/something there already/);
  });

  it('ends where the configuration says, at tokens that are there', async () => {
    const ending = (eos_token_id: number | number[]) =>
      withModel({ ...smallConfig, eos_token_id }, async (m) => m.config);
    expect((await ending([260, 261])).eos_token_id).toEqual([260, 261]);
    for (const ends of [263, [260, 261, 5000]]) {
      await expect(ending(ends)).rejects.toThrow(
        /config\.json\.eos_token_id: found (263|5000), expected an id from 0 to 262/,
      );
    }
  });

  it('has a named pre-tokenizer, or is refused', async () => {
    const nameOf = async (preTokenizer: object): Promise<unknown> => {
      const tokenizer = smallTokenizer({ preTokenizer });
      return withModel(
        smallConfig,
        async (_, path) => {
          const file = await openGguf(path);
          await file.close();
          return file.metadata.get('tokenizer.ggml.pre');
        },
        { tokenizer },
      );
    };
    for (const { names, forms, ignoreMerges } of preTokenizers) {
      for (const form of forms) if (!ignoreMerges) expect(await nameOf(form)).toBe(names[0]);
    }
    const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };
    await expect(nameOf(byteLevel)).rejects.toThrow(/a rule that llama.cpp has under a name/);
    const tokenizer = smallTokenizer({ normalizer: { type: 'Lowercase' } });
    const written = withModel(smallConfig, async () => undefined, { tokenizer });
    await expect(written).rejects.toThrow(/normalizer: found "Lowercase"/);
  });
});

describe('openGgufModel refuses', () => {
  const string = (key: string, value: string): Buffer => pair(key, 8, text(value));
  const number = (key: string, value: number): Buffer => pair(key, 4, u32(value));
  const list = (key: string, values: readonly string[]): Buffer =>
    pair(key, 9, u32(8), u64(values.length), ...values.map((value) => text(value)));

  const sizes: Readonly<Record<string, Buffer>> = {
    architecture: string('general.architecture', 'llama'),
    context: number('llama.context_length', 16),
    hidden: number('llama.embedding_length', 8),
    layers: number('llama.block_count', 1),
    feedForward: number('llama.feed_forward_length', 8),
    heads: number('llama.attention.head_count', 2),
  };

  async function opened(pairs: Readonly<Record<string, Buffer>>, tensors = [embedding]): Promise<GgufModel> {
    const path = join(root, 'odd.gguf');
    await writeFile(path, rawGguf({ pairs: Object.values({ ...sizes, ...pairs }), tensors, data: Buffer.alloc(128) }));
    const model = await openGgufModel(path);
    await model.close();
    return model;
  }
  const embedding = tensor({ name: text('token_embd.weight'), lengths: [8, 4] });

  it('nothing in the file that the others are made of', async () => {
    expect((await opened({})).config).toMatchObject({ model_type: 'llama', hidden_size: 8, vocab_size: 4 });
  });

  it('no factor of rotary angles for want of a type: it is linear', async () => {
    const factor = Buffer.alloc(4);
    factor.writeFloatLE(0.1 + 2);
    const { config } = await opened({ scale: pair('llama.rope.scale_linear', 6, factor) });
    expect(config.rope_scaling).toEqual({ rope_type: 'linear', factor: 2.1 });
  });

  const tokens = list('tokenizer.ggml.tokens', ['a', 'b']);
  const bpe = { model: string('tokenizer.ggml.model', 'gpt2'), pre: string('tokenizer.ggml.pre', 'gpt-2'), tokens };

  it.each([
    ['an architecture', { architecture: string('general.architecture', 'mamba') }, /"mamba".*one of llama, qwen2/],
    ['an architecture of the prototype', { architecture: string('general.architecture', 'toString') }, /"toString"/],
    ['no architecture', { architecture: number('general.architecture', 3) }, /number 3, expected a string/],
    ['a missing size', { hidden: number('llama.other', 1) }, /llama.embedding_length: found nothing/],
    ['no heads', { heads: number('llama.attention.head_count', 0) }, /head_count: found 0/],
    ['heads that do not divide', { heads: number('llama.attention.head_count', 3) }, /head_count: found 3/],
    ['key heads that do not divide', { kv: number('llama.attention.head_count_kv', 3) }, /head_count_kv: found 3/],
    ['half a rotation', { rope: number('llama.rope.dimension_count', 2) }, /dimension_count: found 2/],
    ['YaRN', { yarn: string('llama.rope.scaling.type', 'yarn') }, /"yarn"/],
    ['a window', { window: number('llama.attention.sliding_window', 4) }, /sliding_window/],
    [
      'experts that no token is sent to',
      { experts: number('llama.expert_count', 8) },
      /found 8, of which .* sent to 0/,
    ],
    [
      'too many experts',
      { experts: number('llama.expert_count', 2 ** 31), used: number('llama.expert_used_count', 2) },
      /expert_count: found 2147483648/,
    ],
    [
      'fewer experts than a token is sent to',
      { experts: number('llama.expert_count', 2), used: number('llama.expert_used_count', 3) },
      /found 2, of which a token is sent to 3/,
    ],
    ['another kind of tokenizer', { ...bpe, model: string('tokenizer.ggml.model', 'rwkv') }, /found "rwkv".*Sentence/],
    [
      'SentencePiece without scores',
      { ...bpe, model: string('tokenizer.ggml.model', 'llama') },
      /0 scores of 2 tokens/,
    ],
    ['another pre-tokenizer', { ...bpe, pre: string('tokenizer.ggml.pre', 'tekken') }, /"tekken".*one of gpt-2/],
    ['no pre-tokenizer', { model: bpe.model, tokens }, /tokenizer.ggml.pre: found "default"/],
    ['a token twice', { ...bpe, tokens: list('tokenizer.ggml.tokens', ['a', 'a']) }, /a second time/],
    [
      'types of other tokens',
      { ...bpe, types: pair('tokenizer.ggml.token_type', 9, u32(5), u64(1), u32(1)) },
      /2 tokens and 1 types/,
    ],
    [
      'an end beyond the vocabulary',
      { ...bpe, eos: number('tokenizer.ggml.eos_token_id', 2) },
      /found 2, expected an id below 2/,
    ],
    ['a merge of one', { ...bpe, merges: list('tokenizer.ggml.merges', ['ab']) }, /merges.0: found "ab"/],
    ['tokens that are numbers', { ...bpe, tokens: number('tokenizer.ggml.tokens', 2) }, /expected a list of strings/],
  ])('%s', async (_, pairs, found) => {
    const work = opened(pairs as Readonly<Record<string, Buffer>>);
    await expect(work).rejects.toThrow(InputError);
    await expect(work).rejects.toThrow(found);
  });

  const also = (name: string, length: number, offset: number): Buffer =>
    tensor({ name: text(name), lengths: [length], offset });

  it.each([
    ['no embedding', [also('output_norm.weight', 32, 0)], 128, /no tensor "token_embd.weight"/],
    ['a tensor of unknown purpose', [embedding, also('blk.0.ssm_a', 8, 128)], 160, /ssm_a.*unknown purpose/],
    ['query rows of other heads', [embedding, also('blk.0.attn_q.bias', 2, 128)], 136, /found 2 rows, expected 8/],
    ['factors of another scaling', [embedding, also('rope_freqs.weight', 2, 128)], 136, /those of Llama 3.1/],
  ])('%s', async (_, tensors, bytes, found) => {
    const path = join(root, 'tensors.gguf');
    await writeFile(path, rawGguf({ pairs: Object.values(sizes), tensors, data: Buffer.alloc(bytes, 1) }));
    await expect(openGgufModel(path)).rejects.toThrow(found);
  });

  it.each([
    ['another number of experts', [8, 8, 3], /shape \[3,8,8\], expected the matrices of 2 experts/],
    ['a stack that is a matrix', [8, 16], /shape \[16,8\], expected the matrices of 2 experts/],
  ])('%s', async (_, lengths, found) => {
    const path = join(root, 'experts.gguf');
    const experts = [number('llama.expert_count', 2), number('llama.expert_used_count', 1)];
    const stack = tensor({ name: text('blk.0.ffn_up_exps.weight'), lengths, offset: 128 });
    const bytes = 128 + 4 * lengths.reduce((a, b) => a * b);
    const pairs = [...Object.values(sizes), ...experts];
    await writeFile(path, rawGguf({ pairs, tensors: [embedding, stack], data: Buffer.alloc(bytes) }));
    await expect(openGgufModel(path)).rejects.toThrow(found);
  });

  it('two scalings of rotary angles', async () => {
    const path = join(root, 'scalings.gguf');
    const linear = pair('llama.rope.scale_linear', 6, Buffer.from(Float32Array.of(2).buffer));
    const pairs = [...Object.values(sizes), linear];
    const tensors = [embedding, also('rope_freqs.weight', 2, 128)];
    await writeFile(path, rawGguf({ pairs, tensors, data: Buffer.alloc(136, 1) }));
    await expect(openGgufModel(path)).rejects.toThrow(/beside a scaling by one factor/);
  });
});
