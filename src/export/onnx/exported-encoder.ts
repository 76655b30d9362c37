/**
 * An encoder as an exported graph, with the inputs and the output that `feature-extraction` of transformers.js and the
 * ONNX backend of sentence-transformers know: the hidden state of each token, of which vectors are made outside.
 */
import type { AttentionSpec } from '../../models/decoder-graph.ts';
import type { EncoderDescription } from '../../models/transformer/description.ts';
import type { LayerGraph } from '../../models/transformer/inference.ts';
import { ExportedLayers, idsInput, unseen } from './exported-layers.ts';
import type { FormOfNumbers } from './forms.ts';

const inputNames = { ids: idsInput, mask: 'attention_mask', types: 'token_type_ids' } as const;
const shape = ['batch_size', 'sequence_length'] as const;

export class ExportedEncoder extends ExportedLayers implements LayerGraph {
  readonly #description: EncoderDescription;
  /** Whether a key is no padding, bool [batch, 1, 1, length]. */
  readonly #seen: string;

  constructor(description: EncoderDescription, form: FormOfNumbers) {
    super(form);
    this.#description = description;
    const names = [inputNames.ids, inputNames.mask, ...(this.#hasTypes ? [inputNames.types] : [])];
    for (const name of names) this.inputs.set(name, { dtype: 'i64', shape });
    const { lowering } = this;
    this.#seen = lowering.emit('Unsqueeze', [lowering.cast(inputNames.mask, 'bool'), lowering.int64([1, 2])]);
  }

  /** Rows of the three tables for the tokens, added up and normed, [tokens, hidden]. */
  embed(): string {
    const { names, sizes, firstPosition, tokenTypes, norm } = this.#description;
    const { hidden, vocabulary, positions } = sizes;
    const flat = (input: string) => this.reshape(input, [-1]);
    const ids = this.rows(names.embedding, [vocabulary, hidden], flat(inputNames.ids));
    const places = this.rows(names.positions, [firstPosition + positions, hidden], flat(this.#places()));
    const types = this.rows(names.tokenTypes, [tokenTypes, hidden], flat(this.#types()));
    const sum = this.add(this.add(ids, types), places);
    return this.normalize(sum, { ...norm, name: names.embeddingNorm, width: hidden });
  }

  /** The last hidden states, in float32 and with an axis for the batch. */
  answer(states: string): void {
    const { hidden } = this.#description.sizes;
    const wide = this.dtype === 'f32' ? states : this.lowering.cast(states, 'f32');
    this.outputs.set('last_hidden_state', { dtype: 'f32', shape: [...shape, hidden] });
    this.lowering.emit('Reshape', [wide, this.withTokens([hidden])], { output: 'last_hidden_state' });
  }

  attention(projected: string, { heads, headSize, scale = 1 / Math.sqrt(headSize) }: AttentionSpec): string {
    const width = heads * headSize;
    const [query, key, value] = this.split(projected, [width, width, width]).map((part) =>
      this.lowering.emit('Reshape', [part, this.withTokens([heads, headSize])]),
    );
    const scaled = this.multiply(this.transpose(query, [0, 2, 1, 3]), this.scalar(scale));
    const scores = this.lowering.emit('MatMul', [scaled, this.transpose(key, [0, 2, 3, 1])]);
    const masked = this.lowering.emit('Where', [this.#seen, scores, this.scalar(unseen)]);
    const shares = this.lowering.emit('Softmax', [masked], { attributes: { axis: -1 } });
    const mixed = this.lowering.emit('MatMul', [shares, this.transpose(value, [0, 2, 1, 3])]);
    return this.reshape(this.transpose(mixed, [0, 2, 1, 3]), [-1, width]);
  }

  /** RoBERTa, which has one type, is not told of it. */
  get #hasTypes(): boolean {
    return this.#description.tokenTypes > 1;
  }

  #types(): string {
    if (this.#hasTypes) return inputNames.types;
    return this.lowering.emit('Mul', [inputNames.ids, this.lowering.int64([0])]);
  }

  /**
   * Rows of the position table, [batch, length]. Where a text begins behind the first row, that before it is of padding
   * (RoBERTa), and places count what is none; else they count everything.
   */
  #places(): string {
    const { lowering } = this;
    const { firstPosition } = this.#description;
    const counted = firstPosition > 0 ? inputNames.mask : lowering.emit('Expand', [lowering.int64([1]), this.tokens]);
    const count = lowering.emit('CumSum', [counted, lowering.int64(1)]);
    if (firstPosition === 0) return lowering.emit('Sub', [count, lowering.int64([1])]);
    const places = lowering.emit('Mul', [count, inputNames.mask]);
    return lowering.emit('Add', [places, lowering.int64([firstPosition - 1])]);
  }
}
