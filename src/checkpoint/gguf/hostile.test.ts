/** Files that lie: each is refused with an error that says what is wrong, and nothing is allocated for what is not there. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FineryError, InputError } from '../../errors.ts';
import { openEncoderDecoderCheckpoint } from '../../models/encoder-decoder-model.ts';
import { openEncoderCheckpoint } from '../../models/encoder-model.ts';
import { openSafetensors } from '../safetensors/read.ts';
import { openGgufModel } from './open-gguf-model.ts';
import { openGguf } from './read.ts';
import { type FileChange, writeChanged } from './testing/changed-file.ts';
import { pair, type RawFile, rawGguf, tensor, text, u8, u32, u64 } from './testing/raw-gguf.ts';
import { smallUnigram } from './testing/small-unigram.ts';
import {
  smallEncoderConfig,
  smallPairConfig,
  type WrittenModelOptions,
  writtenModel,
} from './testing/written-model.ts';

let root: string;
let path: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-hostile-'));
  path = join(root, 'file');
});
afterAll(() => rm(root, { recursive: true }));

const manyTokens = Array.from({ length: 400 }, (_, i) => `t${i}`);
const huge = 2n ** 64n - 1n;
const far = 2n ** 60n;

async function opening(bytes: Buffer, open: (path: string) => Promise<{ close(): Promise<void> }>) {
  await writeFile(`${path}.gguf`, bytes);
  const file = await open(`${path}.gguf`);
  await file.close();
}

const ggufs: readonly (readonly [what: string, file: RawFile | Buffer, found: RegExp])[] = [
  ['an empty file', Buffer.alloc(0), /magic: found the end of the file/],
  ['three bytes', Buffer.from('GGU'), /magic/],
  ['the magic alone', Buffer.from('GGUF'), /version: found the end/],
  ['another magic', { magic: 'GGML' }, /begins with "GGUF"/],
  ['a zip file', { magic: 'PK\x03\x04' }, /begins with "GGUF"/],
  ['version 0', { version: 0 }, /expected version 2 or 3/],
  ['version 1', { version: 1 }, /expected version 2 or 3/],
  ['version 4', { version: 4 }, /expected version 2 or 3/],
  ['big-endian numbers', { version: 0x03000000 }, /big-endian/],
  ['2^64 - 1 tensors', { tensorCount: huge }, /number of tensors: found 18446744073709551615/],
  ['2^60 tensors', { tensorCount: far }, /number of tensors/],
  ['more tensors than there are', { tensorCount: 2 }, /tensor "": found 0 dimensions/],
  ['2^64 - 1 pairs', { pairCount: huge }, /number of key-value pairs/],
  ['more pairs than there are', { pairCount: 2 }, /0 dimensions/],
  ['fewer tensors than there is data for', { tensorCount: 0 }, /bytes of data/],
  ['a key of 2^64 - 1 bytes', { pairs: [Buffer.concat([u64(huge), u32(4), u32(1)])] }, /length of key 0/],
  ['a key beyond the end', { pairs: [Buffer.concat([u64(10_000), u32(4), u32(1)])] }, /length of key 0/],
  ['a key that is too long', { pairs: [pair('k'.repeat(70_000), 4, u32(1))] }, /70000 bytes/],
  [
    'a key that is not UTF-8',
    { pairs: [Buffer.concat([text(Buffer.from([0xff, 0xfe])), u32(4), u32(1)])] },
    /not UTF-8/,
  ],
  ['a key twice', { pairs: [pair('a', 4, u32(1)), pair('a', 4, u32(2))] }, /a second time/],
  ['a value of type 13', { pairs: [pair('a', 13, u64(0))] }, /type 13/],
  ['a value of type 2^32 - 1', { pairs: [pair('a', 0xffffffff, u64(0))] }, /type 4294967295/],
  ['a bool of 2', { pairs: [pair('a', 7, u8(2))] }, /the byte 2/],
  ['a string of 2^64 - 1 bytes', { pairs: [pair('a', 8, u64(huge))] }, /length of value of "a"/],
  ['a string beyond the end', { pairs: [pair('a', 8, text('x', 5000))] }, /length of value/],
  ['an array of 2^64 - 1 bytes', { pairs: [pair('a', 9, u32(0), u64(huge))] }, /length of "a"/],
  ['an array of 2^60 doubles', { pairs: [pair('a', 9, u32(12), u64(far))] }, /length of "a"/],
  ['an array of strings that are not there', { pairs: [pair('a', 9, u32(8), u64(100))] }, /length of "a"/],
  ['an array of arrays', { pairs: [pair('a', 9, u32(9), u64(1), u32(0), u64(0))] }, /elements of type 9/],
  ['an array of nothing known', { pairs: [pair('a', 9, u32(77), u64(1))] }, /elements of type 77/],
  [
    'more items than any vocabulary',
    { pairs: [pair('a', 9, u32(0), u64(3_000_000), Buffer.alloc(3_000_000))] },
    /at most/,
  ],
  ['an alignment of 0', { pairs: [pair('general.alignment', 4, u32(0))] }, /general.alignment: found 0/],
  ['an alignment of 3', { pairs: [pair('general.alignment', 4, u32(3))] }, /general.alignment: found 3/],
  ['an alignment of 2^31', { pairs: [pair('general.alignment', 4, u32(2 ** 31))] }, /general.alignment/],
  ['an alignment in words', { pairs: [pair('general.alignment', 8, text('32'))] }, /general.alignment/],
  ['a tensor name of 2^64 - 1 bytes', { tensors: [tensor({ name: u64(huge) })] }, /length of name of tensor 0/],
  ['a tensor name of 64 bytes', { tensors: [tensor({ name: text('n'.repeat(64)) })] }, /64 bytes/],
  ['a tensor twice', { tensors: [tensor(), tensor({ offset: 32 })], data: Buffer.alloc(64) }, /second tensor/],
  ['no dimensions', { tensors: [tensor({ lengths: [], dimensions: 0 })] }, /0 dimensions/],
  ['five dimensions', { tensors: [tensor({ lengths: [1, 1, 1, 1, 8] })] }, /5 dimensions/],
  ['2^32 - 1 dimensions', { tensors: [tensor({ dimensions: 0xffffffff })] }, /4294967295 dimensions/],
  ['a length of 0', { tensors: [tensor({ lengths: [0] })] }, /at least one element/],
  ['a length of 2^64 - 1', { tensors: [tensor({ lengths: [huge] })] }, /below 2\^53/],
  ['lengths whose product is beyond 2^53', { tensors: [tensor({ lengths: [2 ** 30, 2 ** 30] })] }, /2\^53/],
  ['lengths whose product wraps to 8', { tensors: [tensor({ lengths: [2n ** 33n, 2n ** 31n + 1n] })] }, /2\^53/],
  ['more data than there is', { tensors: [tensor({ lengths: [1000] })] }, /32 bytes of data, expected the 4000/],
  ['an offset beyond the file', { tensors: [tensor({ offset: 4096 })] }, /data from 4096 on/],
  ['an offset of 2^64 - 1', { tensors: [tensor({ offset: huge })] }, /below 2\^53/],
  ['an offset that is not aligned', { tensors: [tensor({ offset: 4 })] }, /data from 4 on/],
  [
    'two tensors at one place',
    { tensors: [tensor(), tensor({ name: text('v') })] },
    /data from 0 on, expected data from 32/,
  ],
  [
    'a hole between tensors',
    { tensors: [tensor(), tensor({ name: text('v'), offset: 64 })], data: Buffer.alloc(96) },
    /from 64/,
  ],
  ['a row that blocks do not divide', { tensors: [tensor({ type: 8, lengths: [33] })] }, /rows of 33 Q8_0/],
  ['a K-quant row of 32', { tensors: [tensor({ type: 12, lengths: [32] })] }, /rows of 32 Q4_K/],
  ['type IQ4_XS', { tensors: [tensor({ type: 23, lengths: [256] })] }, /element type IQ4_XS/],
  ['type MXFP4', { tensors: [tensor({ type: 39, lengths: [32] })] }, /element type MXFP4/],
  ['type 4, which was taken back', { tensors: [tensor({ type: 4, lengths: [32] })] }, /element type number 4/],
  ['type 2^32 - 1', { tensors: [tensor({ type: 0xffffffff })] }, /element type number 4294967295/],
  ['half of its data', { data: Buffer.alloc(16) }, /16 bytes of data/],
  ['data behind its data', { data: Buffer.alloc(64) }, /64 bytes of data/],
];

const safetensors = (json: string | object, data = 8, length?: bigint): Buffer => {
  const header = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
  return Buffer.concat([u64(length ?? header.length), header, Buffer.alloc(data)]);
};
const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };

const safetensorsFiles: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['an empty file', Buffer.alloc(0)],
  ['seven bytes', Buffer.alloc(7)],
  ['a header of 2^64 - 1 bytes', safetensors({ a: entry }, 8, huge)],
  ['a header of 2^53 bytes', safetensors({ a: entry }, 8, 2n ** 53n)],
  ['a header one byte too long', safetensors({ a: entry }, 0, BigInt(JSON.stringify({ a: entry }).length + 1))],
  ['a header one byte short', safetensors({ a: entry }, 8, BigInt(JSON.stringify({ a: entry }).length - 1))],
  ['a header of 0 bytes', safetensors('', 8)],
  ['a list', safetensors('[]')],
  ['broken JSON', safetensors('{"a":')],
  ['a name twice', safetensors(`{"a":${JSON.stringify(entry)},"a":${JSON.stringify(entry)}}`)],
  ['deep nesting', safetensors(`{"a":${'['.repeat(100_000)}`)],
  ['a missing type', safetensors({ a: { shape: [2], data_offsets: [0, 8] } })],
  ['an unknown type', safetensors({ a: { ...entry, dtype: 'F7' } })],
  ['a type that is no text', safetensors({ a: { ...entry, dtype: 3 } })],
  ['a negative length', safetensors({ a: { ...entry, shape: [-2] } })],
  ['a fraction as length', safetensors({ a: { ...entry, shape: [2.5] } })],
  ['lengths that overflow', safetensors({ a: { ...entry, shape: [2 ** 40, 2 ** 40] } })],
  ['offsets backwards', safetensors({ a: { ...entry, data_offsets: [8, 0] } })],
  ['offsets beyond the end', safetensors({ a: { ...entry, shape: [200], data_offsets: [0, 800] } })],
  ['one offset', safetensors({ a: { ...entry, data_offsets: [0] } })],
  ['tensors that overlap', safetensors({ a: entry, b: entry })],
  ['a hole', safetensors({ a: entry, b: { ...entry, data_offsets: [16, 24] } }, 24)],
  ['data that nobody owns', safetensors({ a: entry }, 16)],
  ['an unknown field', safetensors({ a: { ...entry, pickle: 'x' } })],
  ['metadata that is no text', safetensors({ __metadata__: { a: 1 }, a: entry })],
];

describe('GGUF', () => {
  it('opens the file that the others are made of', async () => {
    await expect(opening(rawGguf(), openGguf)).resolves.toBeUndefined();
  });

  it.each(ggufs)('refuses %s', async (_, file, found) => {
    const work = opening(Buffer.isBuffer(file) ? file : rawGguf(file), openGguf);
    await expect(work).rejects.toThrow(InputError);
    await expect(work).rejects.toThrow(found);
  });

  it.each<[string, WrittenModelOptions, (path: string) => Promise<{ close(): Promise<void> }>]>([
    ['a decoder', {}, openGgufModel],
    ['an encoder', { config: smallEncoderConfig }, openEncoderCheckpoint],
    [
      'an encoder of pieces',
      { config: { ...smallEncoderConfig, model_type: 'bert' }, tokenizer: smallUnigram() },
      openEncoderCheckpoint,
    ],
    ['an encoder-decoder', { config: smallPairConfig, tokenizer: smallUnigram() }, openEncoderDecoderCheckpoint],
  ])('stands any byte of %s being another', { timeout: 60_000 }, async (_, options, open) => {
    const sound = await writtenModel(root, options);
    await opening(sound, open);
    // The header; what comes behind are weights, in which any byte is as good as another.
    const header = sound.length - 4096;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(header), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(sound.length), { freq: 4 }),
        async (changes, cut) => {
          const bytes = Buffer.from(sound.subarray(0, cut ?? sound.length));
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          await opening(bytes, open).catch((error: unknown) => {
            if (!(error instanceof FineryError)) throw error;
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  const most = 2 ** 32 - 1;
  const encoderLies: readonly (readonly [what: string, change: FileChange, found: RegExp])[] = [
    ['2^32 - 1 layers', { metadata: { 'bert.block_count': most } }, /num_hidden_layers/],
    ['no layers', { metadata: { 'bert.block_count': 0 } }, /num_hidden_layers/],
    ['a layer more than it has', { metadata: { 'bert.block_count': 3 } }, /encoder\.layer\.2.*no such tensor/],
    ['a layer fewer', { metadata: { 'bert.block_count': 1 } }, /encoder\.layer\.1.*has no place for/],
    ['no heads', { metadata: { 'bert.attention.head_count': 0 } }, /num_attention_heads/],
    ['heads that do not divide its width', { metadata: { 'bert.attention.head_count': 5 } }, /32/],
    ['a width that its tables do not have', { metadata: { 'bert.embedding_length': 2 ** 20 } }, /shape/],
    ['2^32 - 1 positions', { metadata: { 'bert.context_length': most } }, /max_position_embeddings|shape/],
    ['fewer positions than rows', { metadata: { 'bert.context_length': 8 } }, /position_embeddings.*shape/],
    [
      'an infinite epsilon',
      { metadata: { 'bert.attention.layer_norm_epsilon': Number.POSITIVE_INFINITY } },
      /a number/,
    ],
    ['causal attention', { metadata: { 'bert.attention.causal': true } }, /attention\.causal: found true/],
    ['a pooling of rerankers', { metadata: { 'bert.pooling_type': 4 } }, /pooling_type: found 4/],
    ['a pooling in words', { metadata: { 'bert.pooling_type': 'mean' } }, /a whole number/],
    ['another activation', { metadata: { 'bert.hidden_activation': 'silu' } }, /hidden_act/],
    ['a key of unknown effect', { metadata: { 'bert.expert_count': 8 } }, /bert\.expert_count/],
    ['no epsilon but a key of decoders', { metadata: { 'bert.rope.freq_base': 1e4 } }, /rope\.freq_base/],
    ['no table of types', { tensors: { 'token_types.weight': undefined } }, /token_types\.weight/],
    ['no embedding', { tensors: { 'token_embd.weight': undefined } }, /token_embd\.weight/],
    ['a classifier', { more: { 'cls.output.weight': [2, 32] } }, /unknown purpose/],
    [
      'a tensor of a layer that is written 00',
      { tensors: { 'blk.0.ffn_up.weight': 'blk.00.ffn_up.weight' } },
      /unknown purpose/,
    ],
    [
      'more tokens than rows',
      {
        metadata: {
          'tokenizer.ggml.tokens': manyTokens,
          'tokenizer.ggml.token_type': manyTokens.map(() => 1),
          'tokenizer.ggml.merges': [],
        },
      },
      /400 tokens/,
    ],
  ];
  const pairLies: typeof encoderLies = [
    ['2^32 - 1 layers of the decoder', { metadata: { 't5.decoder_block_count': most } }, /num_decoder_layers/],
    ['a layer more than it has', { metadata: { 't5.block_count': 3 } }, /encoder\.block\.2.*no such tensor/],
    ['no buckets', { metadata: { 't5.attention.relative_buckets_count': 0 } }, /relative_attention_num_buckets/],
    ['buckets that its table does not have', { metadata: { 't5.attention.relative_buckets_count': 64 } }, /shape/],
    [
      '2^32 - 1 buckets',
      { metadata: { 't5.attention.relative_buckets_count': most } },
      /relative_attention_num_buckets/,
    ],
    ['no heads', { metadata: { 't5.attention.head_count': 0 } }, /num_heads/],
    ['no channels', { metadata: { 't5.attention.key_length': 0, 't5.attention.value_length': 0 } }, /d_kv/],
    ['values of another width', { metadata: { 't5.attention.value_length': 4 } }, /value_length: found 4/],
    ['a start that there is no token of', { metadata: { 't5.decoder_start_token_id': 272 } }, /decoder_start_token_id/],
    ['another scale before the head', { metadata: { 't5.logit_scale': 2.5 } }, /logit_scale: found 2\.5/],
    ['biases in each layer', { more: { 'dec.blk.1.attn_rel_b.weight': [32, 4] } }, /has no place for/],
    ['no last norm', { tensors: { 'dec.output_norm.weight': undefined } }, /decoder\.final_layer_norm.*no such tensor/],
    ['layers of a decoder alone', { tensors: { 'dec.blk.0.attn_q.weight': 'blk.0.attn_q.weight' } }, /unknown purpose/],
    ['a gate on one side', { more: { 'enc.blk.0.ffn_gate.weight': [48, 32] } }, /no such tensor|has no place for/],
    ['fewer scores than tokens', { metadata: { 'tokenizer.ggml.scores': [0.5] } }, /1 scores of/],
  ];

  it.each(encoderLies)('refuses an encoder with %s', async (_, change, found) => {
    const sound = await writtenModel(root, { config: smallEncoderConfig, dtype: 'f32' });
    await writeChanged(`${path}.gguf`, sound, change);
    const work = opening(await readFile(`${path}.gguf`), openEncoderCheckpoint);
    await expect(work).rejects.toThrow(FineryError);
    await expect(work).rejects.toThrow(found);
  });

  it.each(pairLies)('refuses an encoder-decoder with %s', async (_, change, found) => {
    const sound = await writtenModel(root, { config: smallPairConfig, tokenizer: smallUnigram(), dtype: 'f32' });
    await writeChanged(`${path}.gguf`, sound, change);
    const work = opening(await readFile(`${path}.gguf`), openEncoderDecoderCheckpoint);
    await expect(work).rejects.toThrow(FineryError);
    await expect(work).rejects.toThrow(found);
  });
});

describe('safetensors', () => {
  it('opens the file that the others are made of', async () => {
    await expect(opening(safetensors({ a: entry }), openSafetensors)).resolves.toBeUndefined();
  });

  it.each(safetensorsFiles)('refuses %s', async (_, bytes) => {
    await expect(opening(bytes, openSafetensors)).rejects.toThrow(InputError);
  });
});
