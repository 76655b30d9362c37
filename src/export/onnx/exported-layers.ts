/**
 * What the layers of an exported graph are made of: the operators of the ONNX standard, as every provider of ONNX Runtime
 * has them, in browsers too. Of those outside the standard there is MatMulNBits, for integer weights, which the builds
 * for Node.js and for browsers have.
 *
 * Hidden states are [tokens, hidden], where tokens are those of all rows of the batch.
 */
import type { LinearSpec, NormSpec, Stream } from '../../models/decoder-graph.ts';
import { bitsOf, quantizationBlock } from '../../models/inference-graph.ts';
import { StandardOperators } from '../../models/standard-operators.ts';
import type { ValueType } from '../../onnx/encode-model.ts';
import { type Lowering, microsoft } from '../../onnx/lowering.ts';
import type { FormOfNumbers } from './forms.ts';

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

/** Token ids [batch, length]. */
export const idsInput = 'input_ids';

/** Below any score that counts, and finite in both element types: the softmax of a row that sees nothing has no NaN. */
export const unseen = -65_504;

export abstract class ExportedLayers extends StandardOperators {
  readonly inputs = new Map<string, ValueType>();
  readonly outputs = new Map<string, ValueType>();
  readonly #precision: FormOfNumbers['precision'];
  readonly #weights = new Map<string, ExportedWeight>();
  readonly #shapes = new Map<string, string>();
  #tokens: string | undefined;

  constructor({ dtype, precision }: FormOfNumbers) {
    super(dtype);
    this.#precision = precision;
  }

  get operators(): Lowering {
    return this.lowering;
  }

  get weights(): readonly ExportedWeight[] {
    return [...this.#weights.values()];
  }

  norm(stream: Stream, spec: NormSpec): { readonly stream: Stream; readonly normed: string } {
    const base = this.sum(stream);
    return { stream: { base }, normed: this.normalize(base, spec) };
  }

  /** In float32: squares leave the range of half precision. */
  normalize(x: string, { kind, name, width, epsilon }: NormSpec): string {
    const wide = this.dtype === 'f32' ? x : this.lowering.cast(x, 'f32');
    const vector = (ending: string, added = 0) => this.floats([`${name}.${ending}`], [width], { dtype: 'f32', added });
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
    const bias = biases && this.floats(biases, [out]);
    if (this.#precision === undefined) {
      const matrix = this.floats(parameters, shape);
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
  protected rows(name: string, shape: readonly [count: number, width: number], indices: string): string {
    const { lowering } = this;
    if (this.#precision === undefined) return lowering.emit('Gather', [this.floats([name], shape), indices]);
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

  /** The shape [batch, length, ...sizes]. */
  protected withTokens(sizes: readonly number[]): string {
    const key = sizes.join();
    const shape =
      this.#shapes.get(key) ??
      this.lowering.emit('Concat', [this.tokens, this.lowering.int64(sizes)], { attributes: { axis: 0 } });
    this.#shapes.set(key, shape);
    return shape;
  }

  /** Batch and length of the tokens. */
  protected get tokens(): string {
    this.#tokens ??= this.lowering.emit('Shape', [idsInput]);
    return this.#tokens;
  }

  protected transpose(x: string, axes: readonly number[]): string {
    return this.lowering.emit('Transpose', [x], { attributes: { perm: axes } });
  }

  protected floats(
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
