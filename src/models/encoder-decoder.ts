/**
 * What an encoder-decoder offers: a stack of blocks that reads a text in both directions, and one that writes another,
 * causally, while it attends to what the first made of its text. Positions are a bias on the scores of self-attention,
 * by the distance of query and key, that all blocks of a stack share.
 */
import type { Shape, Tensor } from '../graph/tensor.ts';
import type { BlockResult, BlockWeights, OuterNorm, ParameterSpec, Projection } from './decoder.ts';

export interface EncoderDecoderSizes {
  readonly hidden: number;
  readonly intermediate: number;
  readonly heads: number;
  /** Channels of a head; heads * headSize need not be `hidden`. */
  readonly headSize: number;
  readonly encoderLayers: number;
  readonly decoderLayers: number;
  readonly vocabulary: number;
}

/** What blocks read beside hidden states and weights; the same for all blocks of a stack. */
export interface StackContext {
  readonly rows: number;
  /** Position bias of self-attention, [1, heads, length, length]. */
  readonly bias: Tensor;
  /** Added to the scores of self-attention: 0 where it is allowed. [rows or 1, 1, length or 1, length]. */
  readonly mask: Tensor;
  /** What the encoder made of its text, and 0 where that is text: only for the blocks of a decoder. */
  readonly memory?: {
    /** [rows * inputLength, hidden]. */
    readonly states: Tensor;
    /** [rows, 1, 1, inputLength]. */
    readonly mask: Tensor;
  };
  /** How linear layers are computed. Default: `x W'`; adapters add to it. */
  readonly project?: Projection;
}

/** The encoder, or the decoder without its head. */
export interface Stack {
  readonly layers: number;
  /** Weights of one block, by their names inside the layer. All layers have the same. */
  readonly blockParameters: Readonly<Record<string, Shape>>;
  /** The checkpoint's name of a block parameter. */
  blockParameterName(layer: number, name: string): string;
  /** Checkpoint name of the table of position biases, [buckets, heads]. */
  readonly positions: string;
  /** Row of that table for a key `distance` tokens behind its query; negative for one before it. */
  bucket(distance: number): number;
  /** Hidden states [rows * length, hidden] -> the same shape. */
  block(hidden: Tensor, weights: BlockWeights, context: StackContext): BlockResult;
  readonly finalNorm: OuterNorm;
}

/** A block of the decoder as it writes, one token in each row. */
export interface WritingContext {
  /** Self-attention's bias and mask for the tokens before, [1, heads, 1, capacity] and [1, 1, 1, capacity]. */
  readonly bias: Tensor;
  readonly mask: Tensor;
  /** The bias for the token itself, [1, heads, 1, 1]. */
  readonly ownBias: Tensor;
  /** Keys and values of the tokens before, [rows, heads, capacity, headSize]. */
  readonly keys: Tensor;
  readonly values: Tensor;
  /** As `memoryKeysAndValues` made them. */
  readonly memoryKeys: Tensor;
  readonly memoryValues: Tensor;
  /** [rows, 1, 1, inputLength]. */
  readonly memoryMask: Tensor;
  /** As `StackContext` has it. */
  readonly project?: Projection;
}

export interface EncoderDecoder {
  readonly modelType: string;
  readonly sizes: EncoderDecoderSizes;
  /** The head reads the embedding table. */
  readonly tied: boolean;
  /** Every parameter, in checkpoint order. */
  readonly parameters: readonly ParameterSpec[];
  /** Names of the tables; `head` is the embedding's name where the two are tied. */
  readonly names: { readonly embedding: string; readonly head: string };
  /** Other names under which checkpoints carry the embedding table, which encoder and decoder share. */
  readonly embeddingAliases: readonly string[];
  /** Whether a tensor of a checkpoint is left out, because nothing reads it. */
  isBeside(name: string): boolean;
  /** The token that every text begins with that is written. */
  readonly startId: number;
  /** Tokens that end it. */
  readonly endIds: readonly number[];
  readonly encoder: Stack;
  readonly decoder: Stack;
  /** Checkpoint names of what the head reads, by the names that `head` has for them. */
  readonly headParameters: Readonly<Record<string, string>>;
  /** Logits [n, vocabulary] of hidden states [n, hidden], with the weights of `headParameters`. */
  head(hidden: Tensor, weights: BlockWeights): Tensor;
  /** Keys and values [rows, heads, inputLength, headSize] that a decoder's block attends to, of the encoder's states. */
  memoryKeysAndValues(
    states: Tensor,
    weights: BlockWeights,
    rows: number,
    project?: Projection,
  ): { keys: Tensor; values: Tensor };
  /** Hidden states [rows, hidden] -> the same shape, and the token's own keys and values [rows, heads, 1, headSize]. */
  writingBlock(
    hidden: Tensor,
    weights: BlockWeights,
    context: WritingContext,
  ): { output: Tensor; key: Tensor; value: Tensor };
}
