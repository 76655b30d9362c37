/**
 * A decoder in the operators of the ONNX standard, as every provider of ONNX Runtime has them, in browsers too. Attention
 * is written out: the fused operators for a cache (GroupQueryAttention) count the tokens of a mask and so take padding
 * on the right only, where batches that answer are padded on the left, and heads of certain widths. Of the operators
 * outside the standard there is MatMulNBits, for integer weights, which the builds for Node.js and for browsers have.
 *
 * Hidden states are [tokens, hidden], where tokens are those of all rows of the batch.
 */
import type { AttentionSpec, DecoderGraph, LinearSpec, NormSpec, Stream } from '../../models/decoder-graph.ts';
import { bitsOf, quantizationBlock } from '../../models/inference-graph.ts';
import type { Rope } from '../../models/layers/rope.ts';
import { StandardOperators } from '../../models/standard-operators.ts';
import type { DecoderDescription } from '../../models/transformer/description.ts';
import type { ValueType } from '../../onnx/encode-model.ts';
import { type Lowering, microsoft } from '../../onnx/lowering.ts';
import type { FormOfNumbers } from './forms.ts';
import { inputNames, TokenPositions } from './token-positions.ts';

interface WeightParts {
  readonly name: string;
  /** Checkpoint names, whose rows follow one another. */
  readonly parameters: readonly string[];
  readonly shape: readonly number[];
}

/** Floats, to which `added` is added (the 1 of Gemma's norms). */
export interface FloatWeight extends WeightParts {
  readonly kind: 'floats';
  readonly dtype: 'f32' | 'f16';
  readonly added: number;
}

/** A matrix [out, input] of integers, [out, blocks, bytes of a block], and beside it its scales [out, blocks]. */
export interface IntegerWeight extends WeightParts {
  readonly kind: 'integers';
  readonly shape: readonly [out: number, input: number];
  readonly precision: 'int8' | 'int4';
}

export type ExportedWeight = FloatWeight | IntegerWeight;

export const scalesName = ({ name }: IntegerWeight): string => `${name}.scales`;

/** Below any score that counts, and finite in both element types: the softmax of a row that sees nothing has no NaN. */
const unseen = -65_504;

export class ExportedGraph extends StandardOperators implements DecoderGraph {
  readonly inputs = new Map<string, ValueType>();
  readonly outputs = new Map<string, ValueType>();
  readonly #precision: FormOfNumbers['precision'];
  readonly #description: DecoderDescription;
  readonly #positions: TokenPositions;
  readonly #weights = new Map<string, ExportedWeight>();
  readonly #headShapes = new Map<string, string>();
  /** Batch and length of the tokens. */
  readonly #tokens: string;

  constructor(description: DecoderDescription, { dtype, precision }: FormOfNumbers) {
    super(dtype);
    this.#description = description;
    this.#precision = precision;
    this.#positions = new TokenPositions(this.lowering, dtype);
    const tokens = ['batch_size', 'sequence_length'];
    this.inputs.set(inputNames.ids, { dtype: 'i64', shape: tokens });
    this.inputs.set(inputNames.mask, { dtype: 'i64', shape: ['batch_size', 'total_sequence_length'] });
    this.inputs.set(inputNames.positions, { dtype: 'i64', shape: tokens });
    this.#tokens = this.lowering.emit('Shape', [inputNames.ids]);
  }

  get operators(): Lowering {
    return this.lowering;
  }

  get weights(): readonly ExportedWeight[] {
    return [...this.#weights.values()];
  }

  /** Rows of the table for the tokens' ids, [tokens, hidden]; with rows of their positions, where these are learnt. */
  embed(): string {
    const { names, sizes, embeddingScale = 1 } = this.#description;
    const flat = (input: string) => this.reshape(input, [-1]);
    const rows = this.#rows(names.embedding, [sizes.vocabulary, sizes.hidden], flat(inputNames.ids));
    const scaled = embeddingScale === 1 ? rows : this.multiply(rows, this.scalar(embeddingScale));
    if (names.positions === undefined) return scaled;
    const places = this.#floats([names.positions], [sizes.positions, sizes.hidden]);
    return this.add(scaled, this.lowering.emit('Gather', [places, flat(inputNames.positions)]));
  }

  /** Logits [tokens, vocabulary], in float32 and with an axis for the batch. */
  answer(logits: string): void {
    const { vocabulary } = this.#description.sizes;
    const wide = this.dtype === 'f32' ? logits : this.lowering.cast(logits, 'f32');
    const shape = this.#withTokens([vocabulary]);
    this.outputs.set('logits', { dtype: 'f32', shape: ['batch_size', 'sequence_length', vocabulary] });
    this.lowering.emit('Reshape', [wide, shape], { output: 'logits' });
  }

  norm(stream: Stream, spec: NormSpec): { readonly stream: Stream; readonly normed: string } {
    const base = this.sum(stream);
    return { stream: { base }, normed: this.normalize(base, spec) };
  }

  /** In float32: squares leave the range of half precision. */
  normalize(x: string, { kind, name, width, epsilon }: NormSpec): string {
    const wide = this.dtype === 'f32' ? x : this.lowering.cast(x, 'f32');
    const vector = (ending: string, added = 0) => this.#floats([`${name}.${ending}`], [width], { dtype: 'f32', added });
    const normed =
      kind === 'layer'
        ? this.lowering.emit('LayerNormalization', [wide, vector('weight'), vector('bias')], {
            attributes: { axis: -1, epsilon: { float: epsilon } },
          })
        : this.multiply(this.#overRoot(wide, epsilon), vector('weight', kind === 'rms-offset' ? 1 : 0));
    return this.dtype === 'f32' ? normed : this.lowering.cast(normed, this.dtype);
  }

  /** x / sqrt(mean(x^2) + epsilon), in the form that the runtime makes one operator of. */
  #overRoot(x: string, epsilon: number): string {
    const { lowering } = this;
    const squares = lowering.emit('Pow', [x, lowering.scalar(2)]);
    const mean = lowering.emit('ReduceMean', [squares, lowering.int64([-1])], { attributes: { keepdims: 1 } });
    const root = lowering.emit('Sqrt', [lowering.emit('Add', [mean, lowering.scalar(epsilon)])]);
    return lowering.emit('Div', [x, root]);
  }

  protected silu(x: string): string {
    return this.multiply(x, this.lowering.emit('Sigmoid', [x]));
  }

  sum({ base, branch }: Stream): string {
    return branch === undefined ? base : this.add(base, branch);
  }

  linear(x: string, { names, input, outputs, bias }: LinearSpec): string {
    const out = outputs.reduce((sum, size) => sum + size, 0);
    const parameters = names.map((name) => `${name}.weight`);
    return this.#product(x, parameters, [out, input], bias ? names.map((name) => `${name}.bias`) : undefined);
  }

  project(x: string, name: string, shape: readonly [out: number, input: number]): string {
    return this.#product(x, [name], shape, undefined);
  }

  /** x W' + b; matrices keep the order of the checkpoint, so that they go into the file as they are read. */
  #product(
    x: string,
    parameters: readonly string[],
    shape: readonly [out: number, input: number],
    biases: readonly string[] | undefined,
  ): string {
    const [out, input] = shape;
    const bias = biases && this.#floats(biases, [out]);
    if (this.#precision === undefined) {
      const matrix = this.#floats(parameters, shape);
      return this.lowering.emit('Gemm', bias === undefined ? [x, matrix] : [x, matrix, bias], {
        attributes: { transB: 1 },
      });
    }
    const matrix = this.#integers(parameters, shape, this.#precision);
    const product = this.lowering.emit('MatMulNBits', [x, matrix.name, scalesName(matrix)], {
      domain: microsoft,
      // 4: activations are rounded to 8 bits in blocks, and products are sums of integers.
      attributes: {
        K: input,
        N: out,
        bits: bitsOf[this.#precision],
        block_size: quantizationBlock,
        accuracy_level: 4,
      },
    });
    return bias === undefined ? product : this.add(product, bias);
  }

  /** Rows of a table [count, width]. In integer forms it has 8 bits: an error of a row goes straight into the stream. */
  #rows(name: string, shape: readonly [count: number, width: number], indices: string): string {
    const { lowering } = this;
    if (this.#precision === undefined) return lowering.emit('Gather', [this.#floats([name], shape), indices]);
    const table = this.#integers([name], shape, 'int8');
    const [, width] = shape;
    const bytes = lowering.cast(lowering.emit('Gather', [table.name, indices]), 'f32');
    const scales = lowering.emit('Gather', [scalesName(table), indices]);
    const levels = lowering.emit('Sub', [bytes, lowering.scalar(128)]);
    const values = this.multiply(levels, lowering.emit('Unsqueeze', [scales, lowering.int64([2])]));
    const padded = Math.ceil(width / quantizationBlock) * quantizationBlock;
    const rows = this.reshape(values, [-1, padded]);
    return padded === width ? rows : this.split(rows, [width, padded - width])[0];
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
    const products = this.lowering.emit('MatMul', [grouped, this.#transpose(key, [0, 1, 3, 2])]);
    const scores = this.#overKeys(cap === undefined ? products : this.softCap(products, cap), heads);
    const masked = this.lowering.emit('Where', [this.#positions.seen(window), scores, this.scalar(unseen)]);
    const shares = this.#overKeys(this.lowering.emit('Softmax', [masked], { attributes: { axis: -1 } }), keyValueHeads);
    const mixed = this.reshape(this.lowering.emit('MatMul', [shares, value]), [0, heads, -1, headSize]);
    return this.reshape(this.#transpose(mixed, [0, 2, 1, 3]), [-1, heads * headSize]);
  }

  /** [tokens, count * head size] -> [batch, count, length, head size], normed and rotated. */
  #place(
    x: string,
    { count, headSize, norm, rope }: { count: number; headSize: number; norm?: NormSpec; rope?: Rope },
  ): string {
    const ofAll = norm && norm.width !== headSize ? this.normalize(x, norm) : x;
    const inHeads = this.lowering.emit('Reshape', [ofAll, this.#withTokens([count, headSize])]);
    const normed = norm && norm.width === headSize ? this.normalize(inHeads, norm) : inHeads;
    return this.#transpose(rope ? this.#rotated(normed, rope, headSize) : normed, [0, 2, 1, 3]);
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

  #transpose(x: string, axes: readonly number[]): string {
    return this.lowering.emit('Transpose', [x], { attributes: { perm: axes } });
  }

  /** The shape [batch, length, ...sizes]. */
  #withTokens(sizes: readonly number[]): string {
    const key = sizes.join();
    const known = this.#headShapes.get(key);
    if (known !== undefined) return known;
    const shape = this.lowering.emit('Concat', [this.#tokens, this.lowering.int64(sizes)], { attributes: { axis: 0 } });
    this.#headShapes.set(key, shape);
    return shape;
  }

  #floats(
    parameters: readonly string[],
    shape: readonly number[],
    { dtype = this.dtype, added = 0 }: Partial<Pick<FloatWeight, 'dtype' | 'added'>> = {},
  ): string {
    const name = parameters.join('+');
    this.#weights.set(name, { kind: 'floats', name, parameters, shape, dtype, added });
    return name;
  }

  #integers(
    parameters: readonly string[],
    shape: readonly [out: number, input: number],
    precision: 'int8' | 'int4',
  ): IntegerWeight {
    const name = `${parameters.join('+')}.${precision}`;
    const weight: IntegerWeight = { kind: 'integers', name, parameters, shape, precision };
    this.#weights.set(name, weight);
    return weight;
  }
}
