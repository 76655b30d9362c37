/**
 * Builds the graph that generates: one sequence of nodes from hidden states to logits, with the weights inside the
 * session. It differs from the training graph in what it fuses, not in what it computes: projections of one input share
 * a product, a residual sum is computed together with the norm that reads it, attention reads and extends the cache.
 *
 * Sizes: `batch` sequences with `length` new tokens each, caches with room for `capacity` tokens.
 */
import type { DType } from '../graph/tensor.ts';
import { encodeModel, type ValueType } from '../onnx/encode-model.ts';
import { microsoft } from '../onnx/lowering.ts';
import type { AttentionSpec, DecoderGraph, LinearSpec, NormSpec, Stream } from './decoder-graph.ts';
import { StandardOperators } from './standard-operators.ts';

/** How matrices are held: as they are, or as integers of 8 or 4 bits with one scale for each 32 values of a row. */
export type Precision = 'f32' | 'int8' | 'int4';

export const bitsOf = { int8: 8, int4: 4 } as const;

/** Values that share a scale. */
export const quantizationBlock = 32;

/** A product's matrix [out, input], made of the rows of one or more parameters. */
export interface MatrixWeight {
  readonly kind: 'matrix';
  readonly name: string;
  readonly parameters: readonly string[];
  readonly shape: readonly [out: number, input: number];
}

/** A parameter as it is, or several vectors one after the other. */
interface VectorWeight {
  readonly kind: 'vector';
  readonly name: string;
  readonly parameters: readonly string[];
}

/** Numbers that follow from the configuration. */
interface ConstantWeight {
  readonly kind: 'constant';
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export type InferenceWeight = MatrixWeight | VectorWeight | ConstantWeight;

/**
 * A product that takes part in adapters: a correction of low rank (Hu et al., "LoRA", 2021) is added to it, whose two
 * matrices are inputs. Where parameters share the product, so do their corrections: the outer matrix is made of blocks.
 */
export interface AdaptedProduct {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly input: number;
  /** Outputs of each parameter. */
  readonly outputs: readonly number[];
}

/** Names of an adapted product's inputs: [input, rank] and [rank, sum of outputs]. */
export const adapterNames = (product: string) => ({ inner: `adapter.${product}.A`, outer: `adapter.${product}.B` });

export interface InferenceModel {
  readonly bytes: Uint8Array;
  readonly inputs: ReadonlyMap<string, ValueType>;
  readonly outputs: ReadonlyMap<string, ValueType>;
  readonly weights: readonly InferenceWeight[];
  readonly adapted: readonly AdaptedProduct[];
}

/** Names of the rotary tables of a kind of layers. */
export const rotaryNames = (kind: number) => ({ cos: `rotary.${kind}.cos`, sin: `rotary.${kind}.sin` });

/** Names of what says layers of a kind with a window how many keys they read: as `last` and `longest` say it to others. */
export const windowNames = (kind: number) => ({ last: `last.${kind}`, longest: `longest.${kind}` });

export const cacheNames = (layer: number) => ({
  past: [`past.key.${layer}`, `past.value.${layer}`] as const,
  present: [`present.key.${layer}`, `present.value.${layer}`] as const,
});

export class InferenceGraph extends StandardOperators implements DecoderGraph {
  readonly precision: Precision;
  readonly #hasAdapters: boolean;
  readonly #adapted: AdaptedProduct[] = [];
  readonly #inputs = new Map<string, ValueType>();
  readonly #outputs = new Map<string, ValueType>();
  readonly #weights = new Map<string, InferenceWeight>();
  #positions: string | undefined;

  constructor({ precision, adapters }: { readonly precision: Precision; readonly adapters: boolean }) {
    super('f32');
    this.precision = precision;
    this.#hasAdapters = adapters;
  }

  input(name: string, dtype: DType, shape: ValueType['shape']): string {
    this.#inputs.set(name, { dtype, shape });
    return name;
  }

  output(value: string, name: string, shape: ValueType['shape']): void {
    this.#outputs.set(name, { dtype: 'f32', shape });
    this.lowering.emit('Identity', [value], { output: name });
  }

  norm({ base, branch }: Stream, spec: NormSpec): { readonly stream: Stream; readonly normed: string } {
    if (branch === undefined) return { stream: { base }, normed: this.normalize(base, spec) };
    const [normed, sum] = [this.lowering.temporary(), this.lowering.temporary()];
    const operator = spec.kind === 'layer' ? 'SkipLayerNormalization' : 'SkipSimplifiedLayerNormalization';
    const inputs = [base, branch, ...this.#normWeights(spec)];
    const attributes = { epsilon: { float: spec.epsilon } };
    this.lowering.emitMany(operator, inputs, [normed, '', '', sum], { attributes, domain: microsoft });
    return { stream: { base: sum }, normed };
  }

  normalize(x: string, spec: NormSpec): string {
    const operator = spec.kind === 'layer' ? 'LayerNormalization' : 'SimplifiedLayerNormalization';
    const attributes = { axis: -1, epsilon: { float: spec.epsilon } };
    return this.lowering.emit(operator, [x, ...this.#normWeights(spec)], { attributes });
  }

  #normWeights({ kind, name }: NormSpec): string[] {
    const weight = this.#vector(`${name}.weight`, [`${name}.weight`]);
    if (kind === 'layer') return [weight, this.#vector(`${name}.bias`, [`${name}.bias`])];
    return [kind === 'rms' ? weight : this.lowering.emit('Add', [weight, this.scalar(1)])];
  }

  sum({ base, branch }: Stream): string {
    return branch === undefined ? base : this.lowering.emit('Add', [base, branch]);
  }

  linear(x: string, { names, input, outputs, bias }: LinearSpec): string {
    const out = outputs.reduce((sum, size) => sum + size, 0);
    const parameters = names.map((name) => `${name}.weight`);
    const name = parameters.join('+');
    const weighted = this.#product(x, { kind: 'matrix', name, parameters, shape: [out, input] });
    const product = this.#hasAdapters ? this.#corrected(weighted, x, { name, parameters, input, outputs }) : weighted;
    if (!bias) return product;
    const biases = names.map((name) => `${name}.bias`);
    return this.lowering.emit('Add', [product, this.#vector(biases.join('+'), biases)]);
  }

  /** product + (x A) B */
  #corrected(product: string, x: string, adapted: AdaptedProduct): string {
    const { name, input, outputs } = adapted;
    const { inner, outer } = adapterNames(name);
    const rank = `rank.${name}`;
    this.#adapted.push(adapted);
    this.input(inner, 'f32', [input, rank]);
    this.input(outer, 'f32', [rank, outputs.reduce((sum, size) => sum + size, 0)]);
    const narrow = this.lowering.emit('MatMul', [x, inner]);
    return this.lowering.emit('Add', [product, this.lowering.emit('MatMul', [narrow, outer])]);
  }

  #product(x: string, weight: MatrixWeight): string {
    const { name, shape } = weight;
    const [out, input] = shape;
    if (this.#weights.has(name)) throw new Error(`the matrix ${name} occurs twice`);
    this.#weights.set(name, weight);
    if (this.precision === 'f32') {
      // Transposed: the runtime packs the right operand of a plain product once and for all.
      this.lowering.external(name, 'f32', [input, out]);
      return this.lowering.emit('MatMul', [x, name]);
    }
    const bits = bitsOf[this.precision];
    const blocks = Math.ceil(input / quantizationBlock);
    this.lowering.external(name, 'u8', [out, blocks, (quantizationBlock * bits) / 8]);
    const scales = scalesOf(name);
    this.lowering.external(scales, 'f32', [out * blocks]);
    return this.lowering.emit('MatMulNBits', [x, name, scales], {
      domain: microsoft,
      // 4: activations are rounded to 8 bits in blocks, and products are sums of integers.
      attributes: { K: input, N: out, bits, block_size: quantizationBlock, accuracy_level: 4 },
    });
  }

  attention(projected: string, spec: AttentionSpec): string {
    const { layer, kind, heads, keyValueHeads, headSize, rotates, window, scale, cap } = spec;
    const { past, present } = cacheNames(layer);
    const cache = ['batch', keyValueHeads, window === undefined ? 'capacity' : `places.${kind}`, headSize];
    for (const name of past) this.input(name, 'f32', cache);
    for (const name of present) this.#outputs.set(name, { dtype: 'f32', shape: cache });
    const output = this.lowering.temporary();
    const operands = spec.queryNorm || spec.keyNorm ? this.#normedOperands(projected, spec) : [projected, '', ''];
    const { cos, sin } = rotaryNames(kind);
    // Where the window leaves keys out, their places do not say the positions that rotate.
    const lengths = window === undefined ? ['last', 'longest'] : this.#windowLengths(kind);
    const rotation = rotates ? [cos, sin, ...(window === undefined ? [] : [this.#positionIds()])] : [];
    const inputs = [...operands, ...past, ...lengths, ...rotation];
    this.lowering.emitMany('GroupQueryAttention', inputs, [output, ...present], {
      domain: microsoft,
      attributes: {
        num_heads: heads,
        kv_num_heads: keyValueHeads,
        do_rotary: rotates ? 1 : 0,
        rotary_interleaved: 0,
        ...(window !== undefined && { local_window_size: window }),
        ...(scale !== undefined && { scale: { float: scale } }),
        ...(cap !== undefined && { softcap: { float: cap } }),
      },
    });
    return output;
  }

  /** How many keys are read, of those from `firstKeyRead` on. */
  #windowLengths(kind: number): string[] {
    const { last, longest } = windowNames(kind);
    return [this.input(last, 'i32', ['batch']), this.input(longest, 'i32', [])];
  }

  #positionIds(): string {
    this.#positions ??= this.lowering.cast(this.input('positions', 'i32', ['batch', 'length']), 'i64');
    return this.#positions;
  }

  /** Query, key and value by themselves, the first two normed. */
  #normedOperands(projected: string, { heads, keyValueHeads, headSize, queryNorm, keyNorm }: AttentionSpec): string[] {
    const keys = keyValueHeads * headSize;
    const [query, key, value] = this.split(projected, [heads * headSize, keys, keys]);
    return [this.#normHeads(query, heads * headSize, queryNorm), this.#normHeads(key, keys, keyNorm), value];
  }

  /** x [batch, length, width], normed in parts of the norm's own width. */
  #normHeads(x: string, width: number, spec: NormSpec | undefined): string {
    if (!spec || spec.width === width) return spec ? this.normalize(x, spec) : x;
    const heads = this.reshape(x, [0, 0, width / spec.width, spec.width]);
    return this.reshape(this.normalize(heads, spec), [0, 0, width]);
  }

  protected silu(x: string): string {
    return this.lowering.emit('QuickGelu', [x], { domain: microsoft, attributes: { alpha: { float: 1 } } });
  }

  /** Rows `rows` (an int32 vector's name) of all tokens: [batch, length, width] -> [rows, width]. */
  pick(x: string, rows: string, width: number): string {
    const flat = this.reshape(x, [-1, width]);
    return this.lowering.emit('Gather', [flat, rows], { attributes: { axis: 0 } });
  }

  project(x: string, name: string, shape: readonly [out: number, input: number]): string {
    return this.#product(x, { kind: 'matrix', name, parameters: [name], shape });
  }

  constant(name: string, shape: readonly number[], values: Float32Array): void {
    this.#weights.set(name, { kind: 'constant', name, shape, values });
    this.lowering.external(name, 'f32', shape);
  }

  #vector(name: string, parameters: readonly string[]): string {
    if (!this.#weights.has(name)) this.#weights.set(name, { kind: 'vector', name, parameters });
    return name;
  }

  /** @param sizes elements of each parameter, which vectors are declared with */
  encode(sizes: (parameter: string) => number): InferenceModel {
    for (const weight of this.#weights.values()) {
      if (weight.kind !== 'vector') continue;
      this.lowering.external(weight.name, 'f32', [weight.parameters.reduce((sum, name) => sum + sizes(name), 0)]);
    }
    const [inputs, outputs] = [this.#inputs, this.#outputs];
    return {
      bytes: encodeModel(this.lowering, { inputs, outputs }),
      inputs,
      outputs,
      weights: [...this.#weights.values()],
      adapted: this.#adapted,
    };
  }
}

/** Name of a quantized matrix's scales. */
export const scalesOf = (matrix: string): string => `${matrix}.scales`;
