/**
 * A decoder as an exported graph. Attention is written out: the fused operators for a cache (GroupQueryAttention) count
 * the tokens of a mask and so take padding on the right only, where batches that answer are padded on the left, and
 * heads of certain widths.
 */
import type { AttentionSpec, DecoderGraph, NormSpec } from '../../models/decoder-graph.ts';
import type { Rope } from '../../models/layers/rope.ts';
import type { DecoderDescription } from '../../models/transformer/description.ts';
import { ExportedLayers, unseen } from './exported-layers.ts';
import type { FormOfNumbers } from './forms.ts';
import { inputNames, TokenPositions } from './token-positions.ts';

export class ExportedGraph extends ExportedLayers implements DecoderGraph {
  readonly #description: DecoderDescription;
  readonly #positions: TokenPositions;

  constructor(description: DecoderDescription, form: FormOfNumbers) {
    super(form);
    this.#description = description;
    this.#positions = new TokenPositions(this.lowering, this.dtype);
    const tokens = ['batch_size', 'sequence_length'];
    this.inputs.set(inputNames.ids, { dtype: 'i64', shape: tokens });
    this.inputs.set(inputNames.mask, { dtype: 'i64', shape: ['batch_size', 'total_sequence_length'] });
    this.inputs.set(inputNames.positions, { dtype: 'i64', shape: tokens });
  }

  /** Rows of the table for the tokens' ids, [tokens, hidden]; with rows of their positions, where these are learnt. */
  embed(): string {
    const { names, sizes, embeddingScale = 1 } = this.#description;
    const flat = (input: string) => this.reshape(input, [-1]);
    const rows = this.rows(names.embedding, [sizes.vocabulary, sizes.hidden], flat(inputNames.ids));
    const scaled = embeddingScale === 1 ? rows : this.multiply(rows, this.scalar(embeddingScale));
    if (names.positions === undefined) return scaled;
    const places = this.floats([names.positions], [sizes.positions, sizes.hidden]);
    return this.add(scaled, this.lowering.emit('Gather', [places, flat(inputNames.positions)]));
  }

  /** Logits [tokens, vocabulary], in float32 and with an axis for the batch. */
  answer(logits: string): void {
    const { vocabulary } = this.#description.sizes;
    const wide = this.dtype === 'f32' ? logits : this.lowering.cast(logits, 'f32');
    const shape = this.withTokens([vocabulary]);
    this.outputs.set('logits', { dtype: 'f32', shape: ['batch_size', 'sequence_length', vocabulary] });
    this.lowering.emit('Reshape', [wide, shape], { output: 'logits' });
  }

  attention(projected: string, spec: AttentionSpec): string {
    const { kind, heads, keyValueHeads, headSize, queryNorm, keyNorm, window, cap } = spec;
    const { scale = 1 / Math.sqrt(headSize) } = spec;
    const keyWidth = keyValueHeads * headSize;
    const [queries, keys, values] = this.split(projected, [heads * headSize, keyWidth, keyWidth]);
    const rope = this.#description.layerKinds[kind].rope;
    const query = this.#place(queries, { count: heads, headSize, norm: queryNorm, rope });
    const newKeys = this.#place(keys, { count: keyValueHeads, headSize, norm: keyNorm, rope });
    const newValues = this.#place(values, { count: keyValueHeads, headSize });
    const key = this.#extended('key', newKeys, spec);
    const value = this.#extended('value', newValues, spec);

    // Heads that share keys lie one after the other: [batch, key heads, heads per key head * length, head size].
    const grouped = this.reshape(this.multiply(query, this.scalar(scale)), [0, keyValueHeads, -1, headSize]);
    const products = this.lowering.emit('MatMul', [grouped, this.transpose(key, [0, 1, 3, 2])]);
    const scores = this.#overKeys(cap === undefined ? products : this.softCap(products, cap), heads);
    const masked = this.lowering.emit('Where', [this.#positions.seen(window), scores, this.scalar(unseen)]);
    const shares = this.#overKeys(this.lowering.emit('Softmax', [masked], { attributes: { axis: -1 } }), keyValueHeads);
    const mixed = this.reshape(this.lowering.emit('MatMul', [shares, value]), [0, heads, -1, headSize]);
    return this.reshape(this.transpose(mixed, [0, 2, 1, 3]), [-1, heads * headSize]);
  }

  /** [tokens, count * head size] -> [batch, count, length, head size], normed and rotated. */
  #place(
    x: string,
    { count, headSize, norm, rope }: { count: number; headSize: number; norm?: NormSpec; rope?: Rope },
  ): string {
    const ofAll = norm && norm.width !== headSize ? this.normalize(x, norm) : x;
    const inHeads = this.lowering.emit('Reshape', [ofAll, this.withTokens([count, headSize])]);
    const normed = norm && norm.width === headSize ? this.normalize(inHeads, norm) : inHeads;
    return this.transpose(rope ? this.#rotated(normed, rope, headSize) : normed, [0, 2, 1, 3]);
  }

  /** Pairs are a channel of the first half of the rotated ones and its counterpart in the second. */
  #rotated(x: string, rope: Rope, headSize: number): string {
    const { cos, sin } = this.#positions.angles(rope);
    const half = rope.width / 2;
    const rest = headSize - rope.width;
    const [first, second, ...still] = this.split(x, rest === 0 ? [half, half] : [half, half, rest]);
    const turnedFirst = this.lowering.emit('Sub', [this.multiply(first, cos), this.multiply(second, sin)]);
    const turnedSecond = this.add(this.multiply(second, cos), this.multiply(first, sin));
    return this.lowering.emit('Concat', [turnedFirst, turnedSecond, ...still], { attributes: { axis: -1 } });
  }

  /** The cache with what is new behind it, which is also an output. */
  #extended(part: 'key' | 'value', added: string, { layer, keyValueHeads, headSize }: AttentionSpec): string {
    const [past, present] = [`past_key_values.${layer}.${part}`, `present.${layer}.${part}`];
    const shape = (length: string) => ['batch_size', keyValueHeads, length, headSize];
    this.inputs.set(past, { dtype: this.dtype, shape: shape('past_sequence_length') });
    this.outputs.set(present, { dtype: this.dtype, shape: shape('total_sequence_length') });
    return this.lowering.emit('Concat', [past, added], { output: present, attributes: { axis: 2 } });
  }

  /** [batch, *, *, total] with `heads` on the second axis. */
  #overKeys(x: string, heads: number): string {
    const shape = this.lowering.emit('Concat', [this.lowering.int64([0, heads, -1]), this.#positions.total], {
      attributes: { axis: 0 },
    });
    return this.lowering.emit('Reshape', [x, shape]);
  }
}
