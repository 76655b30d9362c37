/**
 * What turns tokens into hidden states that a text's vector is made of: an encoder, whose tokens see each other in both
 * directions, or the layers of a decoder without its head.
 */
import type { Shape } from '../graph/tensor.ts';
import type { Layers, OuterNorm, ParameterSpec } from './decoder.ts';

export interface Encoder extends Layers {
  /** Every parameter that is computed with, in checkpoint order. */
  readonly parameters: readonly ParameterSpec[];
  /** Tables whose rows are added up for a token: by its id, its position, and its type, which is always the first. */
  readonly names: {
    readonly embedding: string;
    readonly positions: string | undefined;
    readonly tokenTypes: string | undefined;
  };
  /** Row of the position table that a text begins with. */
  readonly firstPosition: number;
  /** What rows of the embedding table are multiplied with. */
  readonly embeddingScale: number;
  /** Of the sum of a token's rows, before the first layer. */
  readonly embeddingNorm: OuterNorm | undefined;
  /** Of the last layer's hidden states. */
  readonly finalNorm: OuterNorm | undefined;
  /** Tensors that a checkpoint may hold, which nothing reads and which are kept for others, with their shapes. */
  readonly carried: Readonly<Record<string, Shape>>;
  /** Whether a tensor of a checkpoint is left out, such as the head of its pretraining. */
  isBeside(name: string): boolean;
}
