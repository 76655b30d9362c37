/**
 * Builds the graph that generates: one sequence of nodes from hidden states to logits, with the weights inside the
 * session. It differs from the training graph in what it fuses, not in what it computes: projections of one input share
 * a product, a residual sum is computed together with the norm that reads it, attention reads and extends the cache.
 *
 * Sizes: `batch` sequences with `length` new tokens each, caches with room for `capacity` tokens.
 */
import type { DType } from '../graph/tensor.ts';
import { encodeModel, type ValueType } from '../onnx/encode-model.ts';
import { Lowering, microsoft } from '../onnx/lowering.ts';

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

/** The parameters of a linear layer: `<name>.weight` and, where there is one, `<name>.bias`. */
export interface LinearSpec {
  /** Checkpoint names without their ending; several are computed at once, their outputs side by side. */
  readonly names: readonly string[];
  readonly input: number;
  /** Outputs of each. */
  readonly outputs: readonly number[];
  readonly bias: boolean;
}

export interface AttentionSpec {
  readonly layer: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
}

/** The residual stream between two sums: `base` and what is still to be added to it. */
export interface Stream {
  readonly base: string;
  readonly branch?: string;
}

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

export const cacheNames = (layer: number) => ({
  past: [`past.key.${layer}`, `past.value.${layer}`] as const,
  present: [`present.key.${layer}`, `present.value.${layer}`] as const,
});

export class InferenceGraph {
  readonly precision: Precision;
  readonly #hasAdapters: boolean;
  readonly #adapted: AdaptedProduct[] = [];
  readonly #lowering = new Lowering();
  readonly #inputs = new Map<string, ValueType>();
  readonly #outputs = new Map<string, ValueType>();
  readonly #weights = new Map<string, InferenceWeight>();

  constructor({ precision, adapters }: { readonly precision: Precision; readonly adapters: boolean }) {
    this.precision = precision;
    this.#hasAdapters = adapters;
  }

  input(name: string, dtype: DType, shape: ValueType['shape']): string {
    this.#inputs.set(name, { dtype, shape });
    return name;
  }

  output(value: string, name: string, shape: ValueType['shape']): void {
    this.#outputs.set(name, { dtype: 'f32', shape });
    this.#lowering.emit('Identity', [value], { output: name });
  }

  /** The stream's sum, and its RMS norm scaled by the parameter `name`. */
  norm({ base, branch }: Stream, name: string, epsilon: number): { readonly stream: Stream; readonly normed: string } {
    const scale = this.#vector(name, [name]);
    const attributes = { epsilon: { float: epsilon } };
    if (branch === undefined) {
      const options = { attributes: { ...attributes, axis: -1 } };
      return { stream: { base }, normed: this.#lowering.emit('SimplifiedLayerNormalization', [base, scale], options) };
    }
    const [normed, sum] = [this.#lowering.temporary(), this.#lowering.temporary()];
    const inputs = [base, branch, scale];
    const outputs = [normed, '', '', sum];
    this.#lowering.emitMany('SkipSimplifiedLayerNormalization', inputs, outputs, { attributes, domain: microsoft });
    return { stream: { base: sum }, normed };
  }

  /** The stream as one value. */
  sum({ base, branch }: Stream): string {
    return branch === undefined ? base : this.#lowering.emit('Add', [base, branch]);
  }

  /** [batch, length, input] -> [batch, length, sum of outputs] */
  linear(x: string, { names, input, outputs, bias }: LinearSpec): string {
    const out = outputs.reduce((sum, size) => sum + size, 0);
    const parameters = names.map((name) => `${name}.weight`);
    const name = parameters.join('+');
    const weighted = this.#product(x, { kind: 'matrix', name, parameters, shape: [out, input] });
    const product = this.#hasAdapters ? this.#corrected(weighted, x, { name, parameters, input, outputs }) : weighted;
    if (!bias) return product;
    const biases = names.map((name) => `${name}.bias`);
    return this.#lowering.emit('Add', [product, this.#vector(biases.join('+'), biases)]);
  }

  /** product + (x A) B */
  #corrected(product: string, x: string, adapted: AdaptedProduct): string {
    const { name, input, outputs } = adapted;
    const { inner, outer } = adapterNames(name);
    const rank = `rank.${name}`;
    this.#adapted.push(adapted);
    this.input(inner, 'f32', [input, rank]);
    this.input(outer, 'f32', [rank, outputs.reduce((sum, size) => sum + size, 0)]);
    const narrow = this.#lowering.emit('MatMul', [x, inner]);
    return this.#lowering.emit('Add', [product, this.#lowering.emit('MatMul', [narrow, outer])]);
  }

  #product(x: string, weight: MatrixWeight): string {
    const { name, shape } = weight;
    const [out, input] = shape;
    if (this.#weights.has(name)) throw new Error(`the matrix ${name} occurs twice`);
    this.#weights.set(name, weight);
    if (this.precision === 'f32') {
      // Transposed: the runtime packs the right operand of a plain product once and for all.
      this.#lowering.external(name, 'f32', [input, out]);
      return this.#lowering.emit('MatMul', [x, name]);
    }
    const bits = bitsOf[this.precision];
    const blocks = Math.ceil(input / quantizationBlock);
    this.#lowering.external(name, 'u8', [out, blocks, (quantizationBlock * bits) / 8]);
    const scales = scalesOf(name);
    this.#lowering.external(scales, 'f32', [out * blocks]);
    return this.#lowering.emit('MatMulNBits', [x, name, scales], {
      domain: microsoft,
      // 4: activations are rounded to 8 bits in blocks, and products are sums of integers.
      attributes: { K: input, N: out, bits, block_size: quantizationBlock, accuracy_level: 4 },
    });
  }

  /**
   * Rotates queries and keys, appends keys and values to the cache and attends to it.
   * @param projected queries, keys and values side by side
   */
  attention(projected: string, { layer, heads, keyValueHeads, headSize }: AttentionSpec): string {
    const { past, present } = cacheNames(layer);
    const cache = ['batch', keyValueHeads, 'capacity', headSize];
    for (const name of past) this.input(name, 'f32', cache);
    for (const name of present) this.#outputs.set(name, { dtype: 'f32', shape: cache });
    const output = this.#lowering.temporary();
    const inputs = [projected, '', '', ...past, 'last', 'longest', 'rotary.cos', 'rotary.sin'];
    this.#lowering.emitMany('GroupQueryAttention', inputs, [output, ...present], {
      domain: microsoft,
      attributes: { num_heads: heads, kv_num_heads: keyValueHeads, do_rotary: 1, rotary_interleaved: 0 },
    });
    return output;
  }

  /** silu(gate) * up for the two halves of [batch, length, 2 size]. */
  gated(gateAndUp: string, size: number): string {
    const [gate, up] = [this.#lowering.temporary(), this.#lowering.temporary()];
    const sizes = this.#lowering.int64([size, size]);
    this.#lowering.emitMany('Split', [gateAndUp, sizes], [gate, up], { attributes: { axis: -1 } });
    const activated = this.#lowering.emit('QuickGelu', [gate], {
      domain: microsoft,
      attributes: { alpha: { float: 1 } },
    });
    return this.#lowering.emit('Mul', [activated, up]);
  }

  /** Rows `rows` (an int32 vector's name) of all tokens: [batch, length, width] -> [rows, width]. */
  pick(x: string, rows: string, width: number): string {
    const flat = this.#lowering.emit('Reshape', [x, this.#lowering.int64([-1, width])]);
    return this.#lowering.emit('Gather', [flat, rows], { attributes: { axis: 0 } });
  }

  /** [rows, input] -> [rows, out] with the parameter `name`. */
  project(x: string, name: string, shape: readonly [out: number, input: number]): string {
    return this.#product(x, { kind: 'matrix', name, parameters: [name], shape });
  }

  constant(name: string, shape: readonly number[], values: Float32Array): void {
    this.#weights.set(name, { kind: 'constant', name, shape, values });
    this.#lowering.external(name, 'f32', shape);
  }

  #vector(name: string, parameters: readonly string[]): string {
    if (!this.#weights.has(name)) this.#weights.set(name, { kind: 'vector', name, parameters });
    return name;
  }

  /** @param sizes elements of each parameter, which vectors are declared with */
  encode(sizes: (parameter: string) => number): InferenceModel {
    for (const weight of this.#weights.values()) {
      if (weight.kind !== 'vector') continue;
      this.#lowering.external(weight.name, 'f32', [weight.parameters.reduce((sum, name) => sum + sizes(name), 0)]);
    }
    const [inputs, outputs] = [this.#inputs, this.#outputs];
    return {
      bytes: encodeModel(this.#lowering, { inputs, outputs }),
      inputs,
      outputs,
      weights: [...this.#weights.values()],
      adapted: this.#adapted,
    };
  }
}

/** Name of a quantized matrix's scales. */
export const scalesOf = (matrix: string): string => `${matrix}.scales`;
