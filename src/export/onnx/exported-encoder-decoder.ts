/**
 * The two graphs of an encoder-decoder, with the inputs and outputs that transformers.js and Optimum know: one reads a text,
 * the other writes, one or more tokens at a time, over the keys and values of those before.
 *
 * The stream of hidden states is float32 in every form, and so is what the second layer of a feed-forward part computes:
 * in T5 both leave the range of half precision.
 */
import type { LinearSpec } from '../../models/decoder-graph.ts';
import type {
  AttentionNames,
  EncoderDecoderDescription,
  StackNames,
} from '../../models/encoder-decoder/description.ts';
import { relativeBucket } from '../../models/encoder-decoder/relative-buckets.ts';
import { ExportedLayers, idsInput, unseen } from './exported-layers.ts';
import type { FormOfNumbers } from './forms.ts';

const batch = 'batch_size';
const inputLength = 'encoder_sequence_length';

/** What is added to scores and which of them count: bias [1, heads, queries, keys], bools that are broadcast to it. */
interface Scoring {
  readonly bias?: string;
  readonly seen: string;
}

/** Keys and values, [batch, heads, length, head size]. */
interface Memory {
  readonly key: string;
  readonly value: string;
}

abstract class ExportedStack extends ExportedLayers {
  protected readonly description: EncoderDecoderDescription;
  protected readonly isHalf: boolean;

  constructor(description: EncoderDecoderDescription, form: FormOfNumbers) {
    super(form);
    this.description = description;
    this.isHalf = form.dtype === 'f16';
  }

  /** Rows of the table for the tokens' ids: the stream, [tokens, hidden]. */
  protected embed(): string {
    const { names, sizes } = this.description;
    const ids = this.reshape(idsInput, [-1]);
    return this.widened(this.rows(`${names.embedding}.weight`, [sizes.vocabulary, sizes.hidden], ids));
  }

  protected normed(stream: string, name: string): string {
    const { sizes, epsilon } = this.description;
    return this.normalize(stream, { kind: 'rms', name, width: sizes.hidden, epsilon });
  }

  /** [n, hidden] -> [batch, heads, n / batch, head size] */
  protected inHeads(x: string, name: string, batchSize: string): string {
    const { hidden, heads, headSize } = this.description.sizes;
    const projected = this.linear(x, { names: [name], input: hidden, outputs: [heads * headSize], bias: false });
    const shape = this.lowering.emit('Concat', [batchSize, this.lowering.int64([-1, heads, headSize])], {
      attributes: { axis: 0 },
    });
    return this.transpose(this.lowering.emit('Reshape', [projected, shape]), [0, 2, 1, 3]);
  }

  /** The stream and what an attention layer adds to it. @param query [batch, heads, length, head size] */
  protected attended(stream: string, query: string, { key, value }: Memory, name: string, scoring: Scoring): string {
    const { hidden, heads, headSize } = this.description.sizes;
    const products = this.lowering.emit('MatMul', [query, this.transpose(key, [0, 1, 3, 2])]);
    const scores = scoring.bias === undefined ? products : this.add(products, scoring.bias);
    const masked = this.lowering.emit('Where', [scoring.seen, scores, this.scalar(unseen)]);
    const shares = this.lowering.emit('Softmax', [masked], { attributes: { axis: -1 } });
    const mixed = this.transpose(this.lowering.emit('MatMul', [shares, value]), [0, 2, 1, 3]);
    const inner = heads * headSize;
    const spec = { names: [name], input: inner, outputs: [hidden], bias: false };
    return this.add(stream, this.widened(this.linear(this.reshape(mixed, [-1, inner]), spec)));
  }

  /** The stream and what the feed-forward layer adds to it. */
  protected fedForward(stream: string, layer: (name: string) => string, names: StackNames): string {
    const { sizes, activation } = this.description;
    const own = this.normed(stream, layer(names.feedForwardNorm));
    const [gate, up] = names.feedForward.map((name) =>
      this.linear(own, { names: [layer(name)], input: sizes.hidden, outputs: [sizes.intermediate], bias: false }),
    );
    const activated = activation === 'relu' ? this.lowering.emit('Relu', [gate]) : this.activate(gate, activation);
    const inner = up === undefined ? activated : this.multiply(activated, up);
    const spec = { names: [layer(names.down)], input: sizes.intermediate, outputs: [sizes.hidden], bias: false };
    return this.add(stream, this.wideLinear(inner, spec));
  }

  /**
   * Bias of each distance, [1, heads, queries, keys]. Buckets come from a table up to the distance from which on all are
   * alike, so that they are those of training to the last one.
   * @param queries places of the queries, int64 [queries, 1]
   * @param keys places of the keys, int64 [keys]
   */
  protected positionBias(
    { queries, keys }: { readonly queries: string; readonly keys: string },
    { positions }: StackNames,
    bidirectional: boolean,
  ): string {
    const { buckets, maxDistance, sizes } = this.description;
    const { lowering } = this;
    const distances = Array.from({ length: 2 * maxDistance + 1 }, (_, i) => i - maxDistance);
    const table = lowering.int64(distances.map((d) => relativeBucket(d, { buckets, maxDistance, bidirectional })));
    const distance = lowering.emit('Sub', [keys, queries]);
    const near = lowering.emit('Clip', [distance, lowering.int64(-maxDistance), lowering.int64(maxDistance)]);
    const rows = lowering.emit('Gather', [table, lowering.emit('Add', [near, lowering.int64(maxDistance)])]);
    const biases = lowering.emit('Gather', [this.floats([`${positions}.weight`], [buckets, sizes.heads]), rows]);
    return lowering.emit('Unsqueeze', [this.transpose(biases, [2, 0, 1]), lowering.int64([0])]);
  }

  /** The size of an axis, as a vector of one number. */
  protected sizeOf(x: string, axis: number): string {
    return this.lowering.emit('Shape', [x], { attributes: { start: axis, end: axis + 1 } });
  }

  /** 0, 1, ... up to before `end`, int64; counted from `start`. */
  protected places(end: string, start: string | undefined = undefined): string {
    const { lowering } = this;
    const scalar = (vector: string) => lowering.emit('Squeeze', [vector]);
    const [zero, one] = [lowering.int64(0), lowering.int64(1)];
    return lowering.emit('Range', [start === undefined ? zero : scalar(start), scalar(end), one]);
  }

  /** Whether a token of the input is none that pads it, bool [batch, 1, 1, length]. */
  protected given(mask: string): string {
    return this.lowering.emit('Unsqueeze', [this.lowering.cast(mask, 'bool'), this.lowering.int64([1, 2])]);
  }

  protected widened(x: string): string {
    return this.isHalf ? this.lowering.cast(x, 'f32') : x;
  }

  /** A linear layer in float32, whatever its weights are kept in. */
  protected wideLinear(x: string, spec: LinearSpec): string {
    if (!this.isHalf) return this.linear(x, spec);
    const { names, input, outputs } = spec;
    const weight = this.floats([`${names[0]}.weight`], [outputs[0], input]);
    return this.lowering.emit('Gemm', [this.widened(x), this.widened(weight)], { attributes: { transB: 1 } });
  }
}

/** `input_ids`, `attention_mask` -> `last_hidden_state`, float32. */
export class ExportedReader extends ExportedStack {
  constructor(description: EncoderDecoderDescription, form: FormOfNumbers) {
    super(description, form);
    const mask = 'attention_mask';
    for (const name of [idsInput, mask]) this.inputs.set(name, { dtype: 'i64', shape: [batch, inputLength] });
    const { names, sizes } = description;
    const { encoder } = names;
    const batchSize = this.sizeOf(idsInput, 0);
    const keys = this.places(this.sizeOf(idsInput, 1));
    const queries = this.lowering.emit('Unsqueeze', [keys, this.lowering.int64([1])]);
    const scoring = { bias: this.positionBias({ queries, keys }, encoder, true), seen: this.given(mask) };
    let stream = this.embed();
    for (let index = 0; index < sizes.encoderLayers; index++) {
      const layer = (name: string) => `${encoder.layers}.${index}.${name}`;
      const { self } = encoder;
      const own = this.normed(stream, layer(self.norm));
      const [query, key, value] = [self.query, self.key, self.value].map((name) =>
        this.inHeads(own, layer(name), batchSize),
      );
      stream = this.attended(stream, query, { key, value }, layer(self.output), scoring);
      stream = this.fedForward(stream, layer, encoder);
    }
    const states = this.widened(this.normed(stream, encoder.finalNorm));
    this.outputs.set('last_hidden_state', { dtype: 'f32', shape: [batch, inputLength, sizes.hidden] });
    this.lowering.emit('Reshape', [states, this.withTokens([sizes.hidden])], { output: 'last_hidden_state' });
  }
}

/**
 * `input_ids`, what the encoder made of its text, and the cache -> `logits`, float32, and the cache. Keys and values of
 * those states that are not in the cache yet are computed: all of them at first, and none later.
 */
export class ExportedWriter extends ExportedStack {
  constructor(description: EncoderDecoderDescription, form: FormOfNumbers) {
    super(description, form);
    const { names, sizes, headScale, tied } = description;
    const { decoder } = names;
    const { cross } = decoder;
    if (!cross) throw new Error('a decoder without attention to its encoder');
    const [mask, memory] = ['encoder_attention_mask', 'encoder_hidden_states'];
    this.inputs.set(mask, { dtype: 'i64', shape: [batch, inputLength] });
    this.inputs.set(idsInput, { dtype: 'i64', shape: [batch, 'decoder_sequence_length'] });
    this.inputs.set(memory, { dtype: 'f32', shape: [batch, inputLength, sizes.hidden] });
    const batchSize = this.sizeOf(idsInput, 0);
    const past = this.sizeOf(this.past(0, 'decoder', 'key'), 2);
    const total = this.lowering.emit('Add', [past, this.sizeOf(idsInput, 1)]);
    const keys = this.places(total);
    const queries = this.lowering.emit('Unsqueeze', [this.places(total, past), this.lowering.int64([1])]);
    const self = {
      bias: this.positionBias({ queries, keys }, decoder, false),
      seen: this.lowering.emit('LessOrEqual', [keys, queries]),
    };
    const read = { seen: this.given(mask) };
    const states = this.#newStates(memory);
    let stream = this.embed();
    for (let index = 0; index < sizes.decoderLayers; index++) {
      const layer = (name: string) => `${decoder.layers}.${index}.${name}`;
      const at = { index, batchSize };
      const own = this.normed(stream, layer(decoder.self.norm));
      const query = this.inHeads(own, layer(decoder.self.query), batchSize);
      stream = this.attended(
        stream,
        query,
        this.#cached(own, decoder.self, 'decoder', at),
        layer(decoder.self.output),
        self,
      );
      const asking = this.normed(stream, layer(cross.norm));
      const question = this.inHeads(asking, layer(cross.query), batchSize);
      stream = this.attended(stream, question, this.#cached(states, cross, 'encoder', at), layer(cross.output), read);
      stream = this.fedForward(stream, layer, decoder);
    }
    const last = this.normed(stream, decoder.finalNorm);
    const scaled = headScale === 1 ? last : this.multiply(last, this.scalar(headScale));
    const head = `${tied ? names.embedding : names.head}.weight`;
    const logits = this.widened(this.project(scaled, head, [sizes.vocabulary, sizes.hidden]));
    this.outputs.set('logits', { dtype: 'f32', shape: [batch, 'decoder_sequence_length', sizes.vocabulary] });
    this.lowering.emit('Reshape', [logits, this.withTokens([sizes.vocabulary])], { output: 'logits' });
  }

  /** The encoder's states that are not in the cache, [n, hidden]. */
  #newStates(memory: string): string {
    const { lowering } = this;
    const known = this.sizeOf(this.past(0, 'encoder', 'key'), 2);
    const end = this.sizeOf(memory, 1);
    const missing = lowering.emit('Slice', [memory, known, end, lowering.int64([1])]);
    const rows = this.reshape(missing, [-1, this.description.sizes.hidden]);
    return this.isHalf ? lowering.cast(rows, 'f16') : rows;
  }

  /** The cache of a layer with what is new behind it, which is also an output. @param x new tokens [n, hidden] */
  #cached(
    x: string,
    { key, value }: AttentionNames,
    side: 'encoder' | 'decoder',
    { index, batchSize }: { readonly index: number; readonly batchSize: string },
  ): Memory {
    const { names, sizes } = this.description;
    const length = side === 'encoder' ? inputLength : 'total_sequence_length';
    const extended = (part: 'key' | 'value', name: string) => {
      const added = this.inHeads(x, `${names.decoder.layers}.${index}.${name}`, batchSize);
      const present = `present.${index}.${side}.${part}`;
      this.outputs.set(present, { dtype: this.dtype, shape: [batch, sizes.heads, length, sizes.headSize] });
      return this.lowering.emit('Concat', [this.past(index, side, part), added], {
        output: present,
        attributes: { axis: 2 },
      });
    };
    return { key: extended('key', key), value: extended('value', value) };
  }

  /** An input with keys or values of before. */
  protected past(index: number, side: 'encoder' | 'decoder', part: 'key' | 'value'): string {
    const { heads, headSize } = this.description.sizes;
    const name = `past_key_values.${index}.${side}.${part}`;
    this.inputs.set(name, { dtype: this.dtype, shape: [batch, heads, `past_${side}_sequence_length`, headSize] });
    return name;
  }
}
