/**
 * Imports model files of karpathy/llama2.c, version 0: seven int32 (dim, hidden_dim, n_layers, n_heads, n_kv_heads,
 * vocab_size, seq_len; all little-endian), then float32 weights in a fixed order without names. A negative vocab_size says
 * that the output head is not the embedding.
 */
import { open } from 'node:fs/promises';
import { InputError } from '../../errors.ts';
import type { JsonObject } from '../../files/json-file.ts';

export interface ImportedModel {
  /** For `config.json`: a `LlamaForCausalLM`. */
  readonly config: JsonObject;
  /** By Hugging Face name. */
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly data: Float32Array;
  }[];
}

interface Dimensions {
  readonly dim: number;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly vocab: number;
  readonly length: number;
  readonly tied: boolean;
}

const headerBytes = 28;

/** @throws InputError if the header makes no sense or the file is not exactly as long as it says. */
export async function readLlama2cModel(path: string): Promise<ImportedModel> {
  const file = await open(path, 'r').catch((cause) => {
    throw refuse(path, String(cause), 'a readable file');
  });
  try {
    const { size } = await file.stat();
    if (size < headerBytes) throw refuse(path, `${size} bytes`, `at least the ${headerBytes} of the header`);
    const header = Buffer.alloc(headerBytes);
    await file.read(header, 0, headerBytes, 0);
    const dimensions = parseDimensions(header, path);
    const plan = planTensors(dimensions);
    const expected = headerBytes + 4 * plan.reduce((sum, { layers, shape }) => sum + layers * product(shape), 0);
    if (size !== expected) throw refuse(path, `${size} bytes`, `the ${expected} bytes that its header asks for`);
    // The size is right, so this is no more than the file itself.
    const weights = new Float32Array((size - headerBytes) / 4);
    const bytes = new Uint8Array(weights.buffer);
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, done, Math.min(bytes.length - done, 2 ** 30), headerBytes + done);
      if (bytesRead === 0) throw refuse(path, 'an early end', 'the length it had when it was opened');
      done += bytesRead;
    }
    return { config: toConfig(dimensions), tensors: nameTensors(dimensions, plan, weights) };
  } finally {
    await file.close();
  }
}

function parseDimensions(header: Buffer, path: string): Dimensions {
  const [dim, hidden, layers, heads, kvHeads, vocab, length] = Array.from({ length: 7 }, (_, i) =>
    header.readInt32LE(4 * i),
  );
  const positive = [dim, hidden, layers, heads, kvHeads, Math.abs(vocab), length].every((value) => value > 0);
  // The first int32 of later versions is the magic "ak42".
  if (!positive || dim % heads !== 0 || heads % kvHeads !== 0 || (dim / heads) % 2 !== 0) {
    const found = `header [${[dim, hidden, layers, heads, kvHeads, vocab, length]}]`;
    throw refuse(
      path,
      found,
      'positive lengths, heads that divide dim into even parts, and kv heads that divide heads',
    );
  }
  return { dim, hidden, layers, heads, kvHeads, vocab: Math.abs(vocab), length, tied: vocab > 0 };
}

/** One block of the file: `layers` tensors of a shape behind one another. */
interface Block {
  /** With `N` for the layer; null for what Hugging Face checkpoints do not hold. */
  readonly name: string | null;
  readonly layers: number;
  readonly shape: readonly number[];
  /** Heads whose rotary pairs have to be reordered. */
  readonly rotaryHeads?: number;
}

function planTensors({ dim, hidden, layers, heads, kvHeads, vocab, length, tied }: Dimensions): readonly Block[] {
  const headSize = dim / heads;
  const kvDim = kvHeads * headSize;
  const layer = 'model.layers.N';
  const plan: Block[] = [
    { name: 'model.embed_tokens.weight', layers: 1, shape: [vocab, dim] },
    { name: `${layer}.input_layernorm.weight`, layers, shape: [dim] },
    { name: `${layer}.self_attn.q_proj.weight`, layers, shape: [dim, dim], rotaryHeads: heads },
    { name: `${layer}.self_attn.k_proj.weight`, layers, shape: [kvDim, dim], rotaryHeads: kvHeads },
    { name: `${layer}.self_attn.v_proj.weight`, layers, shape: [kvDim, dim] },
    { name: `${layer}.self_attn.o_proj.weight`, layers, shape: [dim, dim] },
    { name: `${layer}.post_attention_layernorm.weight`, layers, shape: [dim] },
    { name: `${layer}.mlp.gate_proj.weight`, layers, shape: [hidden, dim] },
    { name: `${layer}.mlp.down_proj.weight`, layers, shape: [dim, hidden] },
    { name: `${layer}.mlp.up_proj.weight`, layers, shape: [hidden, dim] },
    { name: 'model.norm.weight', layers: 1, shape: [dim] },
    // Tables of the rotary embedding, cosine and sine: computed from rope_theta everywhere else.
    { name: null, layers: 2, shape: [length, headSize / 2] },
  ];
  return tied ? plan : [...plan, { name: 'lm_head.weight', layers: 1, shape: [vocab, dim] }];
}

function nameTensors(
  { dim, heads }: Dimensions,
  plan: readonly Block[],
  weights: Float32Array,
): ImportedModel['tensors'] {
  const tensors: ImportedModel['tensors'][number][] = [];
  let offset = 0;
  for (const { name, layers, shape, rotaryHeads } of plan) {
    for (let layer = 0; layer < layers; layer++) {
      const raw = weights.subarray(offset, offset + product(shape));
      offset += raw.length;
      if (name === null) continue;
      const data = rotaryHeads ? pairsToHalves(raw, rotaryHeads, dim / heads, dim) : raw;
      tensors.push({ name: name.replace('N', String(layer)), shape, data });
    }
  }
  return tensors;
}

/**
 * Rows of q and k: llama2.c rotates neighbours (2j, 2j+1) of a head, Hugging Face rotates (j, j + headSize/2). Moving row
 * 2j + s to s * headSize/2 + j within each head makes the two the same rotation.
 */
function pairsToHalves(source: Float32Array, heads: number, headSize: number, columns: number): Float32Array {
  const target = new Float32Array(source.length);
  for (let row = 0; row < heads * headSize; row++) {
    const [head, within] = [Math.floor(row / headSize), row % headSize];
    const moved = head * headSize + (within % 2) * (headSize / 2) + Math.floor(within / 2);
    target.set(source.subarray(row * columns, (row + 1) * columns), moved * columns);
  }
  return target;
}

/** What llama2.c has as constants in its source is spelled out. Tokens 1 and 2 are those of its sentencepiece models. */
function toConfig({ dim, hidden, layers, heads, kvHeads, vocab, length, tied }: Dimensions): JsonObject {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: dim,
    intermediate_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    head_dim: dim / heads,
    vocab_size: vocab,
    max_position_embeddings: length,
    hidden_act: 'silu',
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: tied,
    bos_token_id: 1,
    eos_token_id: 2,
  };
}

function product(shape: readonly number[]): number {
  return shape.reduce((count, length) => count * length, 1);
}

function refuse(field: string, found: string, expected: string): InputError {
  const fix = 'Use a version 0 file of llama2.c (export.py --version 0), and copy it again if it is cut short.';
  return new InputError({ field, found, expected, fix });
}
