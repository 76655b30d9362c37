/**
 * What an architecture offers: its layers, and what a decoder adds to them for training, scoring and generation.
 * Parameters carry the checkpoint's own names; a model is a pure function from parameters and a batch to outputs.
 */
import type { Shape, Tensor } from '../graph/tensor.ts';
import type { DecoderGraph, Stream } from './decoder-graph.ts';

/** How a new parameter is drawn: `normal` with the given deviation, or a constant. */
type Initialization = { readonly normal: number } | { readonly constant: number };

export interface ParameterSpec {
  /** The name in the checkpoint, such as `model.layers.0.mlp.up_proj.weight`. */
  readonly name: string;
  readonly shape: Shape;
  readonly initialization: Initialization;
  /** The checkpoint holds the matrix as [in, out]; `shape` and everything in memory are [out, in]. */
  readonly storedTransposed?: boolean;
}

/** The sizes that segments, memory and speed are planned with. */
export interface DecoderSizes {
  readonly hidden: number;
  readonly intermediate: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly vocabulary: number;
  /** Positions that the checkpoint was made for. */
  readonly positions: number;
}

/** Rows that belong to groups, those of a group side by side. */
export interface RowGroups {
  /** Rows of each group, int32 [groups]. */
  readonly sizes: Tensor;
  /** Float [rows, groups]: 1 where a row belongs to a group, else 0. */
  readonly membership: Tensor;
}

/** Linear layers of one shape, each of which multiplies the rows of its group: a projection of all experts. */
export interface GroupedLayers {
  /** Of all of them, such as `block_sparse_moe.experts.w1`. */
  readonly name: string;
  /** Names inside the block, by group. */
  readonly names: readonly string[];
  readonly groups: RowGroups;
}

/**
 * A linear layer of a block, by its name in there: x [n, in] -> [n, out] with the layer's weight [out, in] and bias; or
 * one for each group of rows.
 */
export type Projection = (x: Tensor, layer: string | GroupedLayers, weights: BlockWeights) => Tensor;

/** Inputs of a block beside its weights, the same for every layer of a kind. */
export interface BlockContext {
  readonly rows: number;
  readonly length: number;
  /** Rotary tables [positions, rotated channels / 2]; absent where nothing is rotated. */
  readonly cos?: Tensor;
  readonly sin?: Tensor;
  /** int32 [rows, length]. */
  readonly positions: Tensor;
  /** One additive mask for each block of queries, [rows, 1, 1, queries, keys]: 0 where attention is allowed. */
  readonly masks: readonly Tensor[];
  /** What inputs of linear layers are multiplied with while layers with dropout are trained, see `InputDropout.widths`. */
  readonly inputFactors?: Readonly<Record<string, Tensor>>;
  /** How linear layers are computed. Default: `x W' + b`; adapters add to it. */
  readonly project?: Projection;
}

export interface BlockResult {
  /** The hidden states after the block, [rows * length, hidden]. */
  readonly output: Tensor;
  /**
   * Values worth keeping for the backward pass: dear to compute again (matrix products), cheap to hold (linear in the
   * number of tokens).
   */
  readonly keep: Readonly<Record<string, Tensor>>;
}

/** What layers of one kind share: how far they see, and how positions are rotated. */
export interface LayerKind {
  /** Keys that a query sees at most, itself among them. Undefined: all up to itself. */
  readonly window: number | undefined;
  /** Whether a query sees the keys behind it too. The same for all kinds of a model, whose layers share segments. */
  readonly bidirectional: boolean;
  /** Rotated channels of a head, from the first on; 0 where nothing is rotated. */
  readonly rotaryWidth: number;
  /** Tables [count, rotaryWidth / 2] for a text of `length` tokens (default: `count`); undefined where nothing is rotated. */
  rotaryTables(count: number, length?: number): { readonly cos: Float32Array; readonly sin: Float32Array } | undefined;
}

/** The window of layers where a sequence can be longer than it. */
export const reachedWindow = (
  { window }: Pick<LayerKind, 'window'>,
  { positions }: Pick<DecoderSizes, 'positions'>,
): number | undefined => (window !== undefined && window < positions ? window : undefined);

/** Inputs of linear layers that are left out at random while a block is trained. */
export interface InputDropout {
  /** In (0, 1). */
  readonly probability: number;
  /**
   * Values of the input for each token, by the name of the linear layer, or of grouped layers, inside the block: its width,
   * times the rows that a token has there.
   */
  readonly widths: Readonly<Record<string, number>>;
}

/** A sparse mixture of experts inside a block. */
export interface Experts {
  readonly count: number;
  /** Experts that a token is sent to. */
  readonly perToken: number;
  /** Name of the layers (`GroupedLayers`) that a linear layer is one of; undefined for those outside the experts. */
  groupedName(layer: string): string | undefined;
}

/** Weights of one block by their names inside the layer, such as `self_attn.q_proj.weight`. */
export type BlockWeights = Readonly<Record<string, Tensor>>;

/** Blocks one after the other, whatever is computed before and after them. */
export interface Layers {
  readonly modelType: string;
  readonly sizes: DecoderSizes;
  /** Weights of one block, by their names inside the layer. All layers have the same. */
  readonly blockParameters: Readonly<Record<string, Shape>>;
  readonly layerKinds: readonly LayerKind[];
  /** Index of each layer's kind. */
  readonly kindOfLayer: readonly number[];
  /** Absent where every token passes through all linear layers. */
  readonly experts?: Experts;
  /** Absent where nothing is left out. */
  readonly inputDropout?: InputDropout;
  /** Up to this length of a text rotary tables do not depend on it. */
  readonly settledPositions: number;
  /** The checkpoint's name of a block parameter. */
  blockParameterName(layer: number, name: string): string;
  block(hidden: Tensor, weights: BlockWeights, context: BlockContext): BlockResult;
}

/** A norm outside the layers. */
export interface OuterNorm {
  /** Checkpoint names of its parameters, by the names that `apply` has for them. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Hidden states [n, hidden] -> the same shape. */
  apply(hidden: Tensor, weights: BlockWeights): Tensor;
}

export interface Decoder extends Layers {
  /** The head reads the embedding table. */
  readonly tied: boolean;
  /** Every parameter, in checkpoint order. */
  readonly parameters: readonly ParameterSpec[];
  /** Names of the tables; `head` is the embedding's name where the two are tied. */
  readonly names: { readonly embedding: string; readonly positions: string | undefined; readonly head: string };
  /** What embeddings are multiplied with. */
  readonly embeddingScale: number;
  /** What the head norms before its product. */
  readonly finalNorm: OuterNorm;
  /** Checkpoint names of what the head reads, by the names that `head` has for them. */
  readonly headParameters: Readonly<Record<string, string>>;
  /** The block as it generates: the same function, with the cache. */
  inferenceBlock(graph: DecoderGraph, layer: number, stream: Stream): Stream;
  /** The head as it generates: the stream of [rows, hidden] states -> logits [rows, vocabulary]. */
  inferenceHead(graph: DecoderGraph, stream: Stream): string;
  /** Logits [n, vocabulary] of hidden states [n, hidden], with the weights of `headParameters`. */
  head(hidden: Tensor, weights: BlockWeights): Tensor;
}
