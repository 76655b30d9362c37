/** An encoder-decoder in names and settings. Everything that computes is made of it. */
import type { EncoderDecoderSizes } from '../encoder-decoder.ts';

/** The projections of an attention layer, and the norm of the stream that it reads. */
export interface AttentionNames {
  readonly norm: string;
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly output: string;
}

/** Names without `.weight`; those of a block inside its layer. */
export interface StackNames {
  /** Under which layers have their numbers. */
  readonly layers: string;
  /** The table of position biases. */
  readonly positions: string;
  readonly finalNorm: string;
  readonly self: AttentionNames;
  /** Attention to the encoder's states. */
  readonly cross?: AttentionNames;
  readonly feedForwardNorm: string;
  /** What the activation reads and, where the layer is gated, what it is multiplied with. */
  readonly feedForward: readonly [gate: string, up: string] | readonly [up: string];
  readonly down: string;
}

export type Activation = 'relu' | 'gelu-tanh' | 'silu';

export interface EncoderDecoderDescription {
  readonly modelType: string;
  readonly sizes: EncoderDecoderSizes;
  readonly names: {
    readonly embedding: string;
    readonly embeddingAliases: readonly string[];
    readonly head: string;
    readonly encoder: StackNames;
    readonly decoder: StackNames;
  };
  /** Tensors that checkpoints may hold and that nothing reads. */
  readonly beside: RegExp;
  readonly buckets: number;
  /** From this distance on all positions have the same bias. */
  readonly maxDistance: number;
  readonly epsilon: number;
  readonly activation: Activation;
  /** The head reads the embedding table. */
  readonly tied: boolean;
  /** What hidden states are multiplied with before the head. */
  readonly headScale: number;
  readonly startId: number;
  readonly endIds: readonly number[];
  /** What the deviations of new weights are multiplied with. */
  readonly initialScale: number;
}
